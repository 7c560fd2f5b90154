#!/usr/bin/env python3
"""Prints the constants of src/numerics/elementary_*.cpp that are not obvious: the bits of 2/pi, pi/2 and ln 2 in two
parts, and the polynomial of erf_f32. Needs mpmath. The sources hold copies; run it to check them."""
import mpmath as mp

mp.mp.prec = 2000


def two_parts(name, value):
    high = mp.mpf(float(value))
    print(f"{name}: {float(high).hex()} + {float(value - high).hex()}")


def two_over_pi(word_count):
    bits = int(mp.floor(2 / mp.pi * mp.mpf(2) ** (64 * word_count)))
    words = [(bits >> (64 * (word_count - 1 - i))) & (2**64 - 1) for i in range(word_count)]
    print("2/pi:", ", ".join(f"0x{word:016x}" for word in words))


def erf_polynomial(degree):
    """erf(x) / x on 0 <= x <= 4 as a polynomial in u = x^2 / 8 - 1, by interpolation at Chebyshev nodes."""
    mp.mp.prec = 300

    def f(u):
        x = mp.sqrt(8 * (u + 1))
        return mp.erf(x) / x if x else 2 / mp.sqrt(mp.pi)

    n = degree + 1
    angles = [mp.pi * (2 * i + 1) / (2 * n) for i in range(n)]
    values = [f(mp.cos(a)) for a in angles]
    chebyshev = [2 * sum(v * mp.cos(j * a) for v, a in zip(values, angles)) / n for j in range(n)]
    chebyshev[0] /= 2
    # Sum of c_j T_j as powers of u: T_0 = 1, T_1 = u, T_j = 2 u T_{j-1} - T_{j-2}.
    previous, current = [mp.mpf(1)], [mp.mpf(0), mp.mpf(1)]
    powers = [mp.mpf(0)] * n
    for j, c in enumerate(chebyshev):
        basis = previous if j == 0 else current
        for i, b in enumerate(basis):
            powers[i] += c * b
        if j >= 1:
            following = [mp.mpf(0)] + [2 * b for b in current]
            for i, b in enumerate(previous):
                following[i] -= b
            previous, current = current, following
    print("erf_f32, lowest power first:")
    for p in powers:
        print("   ", float(p).hex() + ",", f"// {float(p):.6g}")
    worst = 0
    for i in range(4001):
        u = mp.mpf(i) / 2000 - 1
        exact = f(u)
        approximate = mp.polyval([mp.mpf(float(p)) for p in reversed(powers)], u)
        worst = max(worst, abs(approximate / exact - 1))
    print("largest relative error: 2^%.1f" % float(mp.log(worst, 2)))


two_parts("ln 2", mp.log(2))
two_parts("pi / 2", mp.pi / 2)
two_parts("2 / sqrt(pi)", 2 / mp.sqrt(mp.pi))
two_over_pi(20)
erf_polynomial(20)
