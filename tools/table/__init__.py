"""The generator of the object model: firmware/meter.toml in, ROM tables and documents out.

source reads TOML and knows its lines; data encodes constant values; slots reads the names of the
live values from the firmware; identity, associations and objects turn sections into a model and
refuse what is inconsistent; pack makes the octets; emit writes the products.
"""
