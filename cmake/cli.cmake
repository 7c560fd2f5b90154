# The espalier command.
