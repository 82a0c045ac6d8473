# What is frozen into an image: the four rooms, and with application=True the program itself.
# opt=3 strips assertions and line numbers. The board's manifest adds what its port needs.
options.defaults(application=False)

package("port", base_path="lib", opt=3)
package("dlms", base_path="lib", opt=3)
package("cosem", base_path="lib", opt=3)
package("meter", base_path="lib", opt=3)

if options.application:
    module("config.py", opt=3)  # generated from meter.toml
    module("main.py", opt=3)
