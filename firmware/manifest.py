# What is frozen into an image: the four rooms, and with application=True the program itself;
# opt=3 strips assertions and line numbers. The board's manifest adds what its port needs.
# $(GENERATED_DIR) is the repository, or where a release has its own tables and configuration.
import os

options.defaults(application=False)

package("port", base_path="lib", opt=3)
package("dlms", base_path="lib", opt=3)
package("meter", base_path="lib", opt=3)

generated = ("classes.py", "table.py")
files = [name for name in os.listdir("lib/cosem") if name.endswith(".py")]
package("cosem", sorted(set(files) - set(generated)), base_path="lib", opt=3)
package("cosem", generated, base_path="$(GENERATED_DIR)/firmware/lib", opt=3)

if options.application:
    module("config.py", base_path="$(GENERATED_DIR)/firmware", opt=3)
    module("boot.py", opt=3)
    module("main.py", opt=3)
