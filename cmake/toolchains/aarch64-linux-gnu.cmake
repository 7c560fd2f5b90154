# Cross compilation for Linux on AArch64 with Debian's packages (tools/apt-arm.txt): cmake --preset aarch64-linux-gnu.
# Programs of the build run under qemu-user; the environment variable QEMU_CPU chooses the processor ("cortex-a53").
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)
