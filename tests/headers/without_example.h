// A canary for write_example.py: a header that shows nothing.
#pragma once
