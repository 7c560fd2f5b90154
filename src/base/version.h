// The version of this build, from the project() line of CMakeLists.txt.
#pragma once

namespace espalier {

const char* version();  // "1.2.3"

}  // namespace espalier
