#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the decks of this folder must give, found without any circuit simulator.

    python3 expected.py        writes NAME.csv beside each NAME.cir that is listed in DECKS at the end

Every circuit is put down here once more, by hand, from what its deck means; the decks themselves are not read. Methods:

  resistors and sources   node equations over the rational numbers, by elimination: exact until printed
  non-linear cells        Newton's method on the same equations with 50 digits, until nothing changes
  transients              state equations x' = A x + b u of one or two states under straight lines u(t), by the exponential
                          of A in closed form
  frequency, noise        complex arithmetic on the network, by series and parallel connection

Only the standard library. Currents as SPICE counts them: of a source, positive from its first node through it.
"""
import cmath
import math
import os
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 50
BOLTZMANN = 1.380649e-23  # [J/K] exact, SI 2019
CHARGE = 1.602176634e-19  # [C] exact, SI 2019


def exact(text):
    """'10k', '2.5', '0.3' as a rational number."""
    suffixes = {"k": 3, "m": -3, "u": -6, "n": -9, "p": -12}
    text = str(text)
    if text[-1] in suffixes:
        return Fraction(text[:-1]) * Fraction(10) ** suffixes[text[-1]]
    return Fraction(text)


# --- networks -------------------------------------------------------------------------------------------------------


class Net:
    """Resistors, sources to ground, ideal amplifiers and non-linear two-terminal devices. Node "0" is ground."""

    def __init__(self, number=Fraction):
        self.number = number  # Fraction: exact; Decimal: 50 digits
        self.wires = []  # (a, b, conductance)
        self.devices = []  # (a, b, law): law(v_a, v_b) -> current a to b, slope by v_a, slope by v_b
        self.fixed = {"0": self.number(0)}  # potential of nodes that sources hold
        self.sources = []  # (name of branch, node)
        self.amplifiers = {}  # node -> (node +, node -, gain)

    def convert(self, value):
        value = exact(value)
        return value if self.number is Fraction else Decimal(value.numerator) / Decimal(value.denominator)

    def r(self, a, b, ohm):
        self.wires.append((a, b, 1 / self.convert(ohm)))

    def v(self, name, node, volt):
        self.fixed[node] = self.convert(volt)
        self.sources.append((name + "#branch", node))

    def e(self, name, node, plus, minus, gain):
        self.amplifiers[node] = (plus, minus, self.convert(gain))
        self.sources.append((name + "#branch", node))

    def device(self, a, b, law):
        self.devices.append((a, b, law))

    def nodes(self):
        seen = {}
        for a, b, *_ in self.wires + self.devices:
            seen.setdefault(a)
            seen.setdefault(b)
        for node, (plus, minus, _) in self.amplifiers.items():
            for name in (node, plus, minus):
                seen.setdefault(name)
        return [name for name in seen if name not in self.fixed]

    def equations(self, volt):
        """Rows {unknown: slope} and right sides of one Newton step from the potentials volt."""
        free = {name: k for k, name in enumerate(self.nodes())}
        rows = [{} for _ in free]
        right = [self.number(0) for _ in free]

        def add(node, by, slope):
            if node in free and node not in self.amplifiers:
                k = free[node]
                if by in free:
                    rows[k][free[by]] = rows[k].get(free[by], 0) + slope
                else:
                    right[k] -= slope * self.fixed[by]

        for a, b, g in self.wires:
            for here, there in ((a, b), (b, a)):
                add(here, here, g)
                add(here, there, -g)
        for a, b, law in self.devices:
            i, by_a, by_b = law(volt[a], volt[b])
            rest = i - by_a * volt[a] - by_b * volt[b]
            for node, sign in ((a, 1), (b, -1)):
                add(node, a, sign * by_a)
                add(node, b, sign * by_b)
                if node in free:
                    right[free[node]] -= sign * rest
        for node, (plus, minus, gain) in self.amplifiers.items():
            k = free[node]
            rows[k][k] = self.number(1)
            for by, slope in ((plus, -gain), (minus, gain)):
                if by in free:
                    rows[k][free[by]] = rows[k].get(free[by], 0) + slope
                else:
                    right[k] -= slope * self.fixed[by]
        return list(free), rows, right

    def solve(self):
        """All node potentials."""
        volt = dict(self.fixed)
        volt.update((name, self.number(0)) for name in self.nodes())
        for _ in range(200 if self.devices else 1):
            names, rows, right = self.equations(volt)
            change = 0
            for name, new in zip(names, eliminate(rows, right)):
                step = new - volt[name]
                change = max(change, abs(step))
                if self.devices:  # exponentials: no step beyond 0.1 V
                    step = max(min(step, Decimal("0.1")), Decimal("-0.1"))
                volt[name] += step
            if not self.devices or change < Decimal("1e-40"):
                return volt
        raise ArithmeticError("no solution")

    def branch(self, node, volt):
        """Current of the source that holds a node: what leaves the node otherwise, reversed."""
        out = self.number(0)
        for a, b, g in self.wires:
            if a != b and node in (a, b):
                out += g * (volt[node] - volt[b if node == a else a])
        for a, b, law in self.devices:
            if node in (a, b):
                out += law(volt[a], volt[b])[0] * (1 if node == a else -1)
        return -out

    def answer(self):
        """(vector, value): every potential and every branch current that is not 0."""
        volt = self.solve()
        found = [(name, value) for name, value in volt.items() if name != "0"]
        found += [(name, self.branch(node, volt)) for name, node in self.sources]
        return [(name, float(value)) for name, value in found if value != 0]


def eliminate(rows, right):
    """Solve sparse rows {unknown: coefficient}; of the rows that have an unknown, the shortest is the pivot."""
    left = list(range(len(rows)))
    pivots = []
    for k in range(len(rows)):
        best = min((r for r in left if rows[r].get(k, 0) != 0), key=lambda r: len(rows[r]))
        left.remove(best)
        pivots.append(best)
        for r in left:
            if rows[r].get(k, 0) != 0:
                factor = rows[r].pop(k) / rows[best][k]
                for column, value in rows[best].items():
                    if column > k:
                        rows[r][column] = rows[r].get(column, 0) - factor * value
                right[r] -= factor * right[best]
    x = [None] * len(rows)
    for k in reversed(range(len(rows))):
        row = rows[pivots[k]]
        x[k] = (right[pivots[k]] - sum(value * x[c] for c, value in row.items() if c > k)) / row[k]
    return x


def chain(net, nodes, ohms):
    """Resistors from node to node; one value for all, or a list."""
    ohms = [ohms] * (len(nodes) - 1) if not isinstance(ohms, list) else ohms
    for a, b, ohm in zip(nodes, nodes[1:], ohms):
        net.r(a, b, ohm)


def cells(net, table, word, bit):
    """Resistors of a table between word(i, j) and bit(i, j), counted from 1."""
    for i, row in enumerate(table.split(";"), 1):
        for j, ohm in enumerate(row.split(), 1):
            net.r(word(i, j), bit(i, j), ohm)


W = "w{}_{}".format
B = "b{}_{}".format
PLAIN = "10k 22k 47k 15k; 33k 12k 27k 68k; 18k 56k 39k 100k"
MIRRORED = "15k 47k 22k 10k; 68k 27k 12k 33k; 100k 39k 56k 18k"
UPSIDE = "18k 56k 39k 100k; 33k 12k 27k 68k; 10k 22k 47k 15k"


def left_bottom_3x4(fault=False):
    net = Net()
    for i, volt in enumerate(("0.3", "-0.2", "0.15"), 1):
        net.v(f"vin{i}", f"in{i}", volt)
        word = [f"in{i}", f"d{i}"] + [W(i, j) for j in range(1, 5)]
        if fault and i == 2:
            chain(net, word[:4], ["50", "2.5", "2.5"])
            chain(net, word[4:], "2.5")
        else:
            chain(net, word, ["50"] + 4 * ["2.5"])
    cells(net, PLAIN, W, B)
    if fault:
        net.r("b1_2", "b1_3", 120)
    for j in range(1, 5):
        chain(net, [B(i, j) for i in range(1, 4)] + [f"e{j}", f"out{j}"], 3 * ["1.5"] + ["20"])
        net.v(f"vout{j}", f"out{j}", 0)
    return net.answer()


def faults_3x4():
    return left_bottom_3x4(fault=True)


def right_top_4x3():
    net = Net()
    word, bit = "wl{}_{}".format, "bl{}_{}".format
    for i, volt in enumerate(("0.25", "0.4", "0.1", "0.35"), 1):
        net.v(f"v{i}", f"drive{i}", volt)
        chain(net, [word(i, j) for j in range(1, 4)] + [f"end{i}", f"drive{i}"], ["4", "4", "4", "30"])
    cells(net, "12k 31k 9.1k; 75k 20k 43k; 16k 62k 24k; 51k 13k 36k", word, bit)
    for j in range(1, 4):
        chain(net, ["0"] + [bit(i, j) for i in range(1, 5)], ["10"] + 3 * ["1.25"])
    return net.answer()


def both_ends_3x4():
    net = Net()
    word, bit = "n0_{}_{}".format, "n1_{}_{}".format
    for i, volt in enumerate(("0.2", "0.45", "-0.1"), 1):
        net.v(f"v{i}", f"s{i}", volt)
        line = [f"s{i}", f"l{i}"] + [word(i, j) for j in range(1, 5)] + [f"r{i}", f"s{i}"]
        chain(net, line, ["25"] + 5 * ["3"] + ["25"])
    cells(net, UPSIDE, word, bit)
    for j in range(1, 5):
        net.v(f"vm{j}", f"t{j}", 0)
        line = [f"t{j}", f"u{j}"] + [bit(i, j) for i in range(1, 4)] + [f"b{j}", f"t{j}"]
        chain(net, line, ["12"] + 4 * ["3"] + ["12"])
    return net.answer()


def direct_ends_3x4():
    net = Net()
    for i, volt in enumerate(("0.5", "0.3", "0.7"), 1):
        net.v(f"v{i}", f"in{i}", volt)
        chain(net, [f"in{i}"] + [W(i, j) for j in range(1, 5)], ["75"] + 3 * ["5"])
    cells(net, MIRRORED, W, B)
    for j in range(1, 5):
        chain(net, [B(i, j) for i in range(1, 4)], "2")
        net.v(f"vsense{j}", B(3, j), 0)
    return net.answer()


def parallel_3x4():
    net = Net()
    source, bit = "sl{}_{}".format, "bl{}_{}".format
    for j, volt in enumerate(("0.2", "0.35", "0.1", "0.3"), 1):
        net.v(f"v{j}", f"in{j}", volt)
        net.v(f"vm{j}", f"out{j}", 0)
        chain(net, [f"in{j}", f"top{j}"] + [source(i, j) for i in range(1, 4)], ["40"] + 3 * ["3.5"])
        chain(net, [bit(i, j) for i in range(1, 4)] + [f"bot{j}", f"out{j}"], 3 * ["2.25"] + ["10"])
    cells(net, PLAIN, source, bit)
    return net.answer()


def floating_line_3x4():
    net = Net()
    net.v("v1", "in1", "0.6")
    net.v("v3", "in3", "0.25")
    for i, start in ((1, ["in1", "d1"]), (2, []), (3, ["in3", "d3"])):
        drivers = {1: ["20", "2"], 2: [], 3: ["35", "2"]}
        chain(net, start + [W(i, j) for j in range(1, 5)], drivers[i] + 3 * ["2"])
    cells(net, PLAIN, W, B)
    for j, volt in enumerate(("0", "0.1", "0", "0.05"), 1):
        net.v(f"vb{j}", f"out{j}", volt)
        chain(net, [B(i, j) for i in range(1, 4)] + [f"out{j}"], "1")
    return net.answer()


def half_voltage_4x4():
    net = Net()
    for k in range(1, 5):
        net.v(f"vw{k}", W(k, 0), "1.8" if k == 2 else "0.9")
        net.v(f"vb{k}", B(5, k), "0" if k == 3 else "0.9")
        chain(net, [W(k, j) for j in range(5)], "2.5")
        chain(net, [B(i, k) for i in range(1, 6)], "2.5")
    cells(net, "20k 150k 33k 82k; 47k 10k 12k 220k; 68k 27k 91k 15k; 18k 39k 56k 110k", W, B)
    return net.answer()


def hspice_16x16():
    net = Net()
    top, bottom = "top{}p{}".format, "bot{}p{}".format
    for k in range(16):
        net.v(f"v{k}", f"in{k}", "3.3")
    for i in range(16):
        for j in range(16):
            net.r(f"in{i}" if j == 0 else top(i, j - 1), top(i, j), 1)
            net.r(top(i, j), bottom(i, j), 2)
            net.r(bottom(i, j), "0" if i == 15 else bottom(i + 1, j), 1)
    return net.answer()


def converter_8bit():
    """R-2R. Each stage is a source behind R; with 2 R to the next digit that is half the sum of both, behind R again."""
    code = 0b10110010
    net = Net()
    net.v("vref", "high", "1.6")
    net.v("vlow", "low", 0)
    stages = [f"xdac.xlow.{c}" for c in "abc"] + ["xdac.middle"] + [f"xdac.xhigh.{c}" for c in "abc"] + ["out"]
    chain(net, ["0", "xdac.in"] + stages, "6.2k")
    for k, node in enumerate(stages):
        net.r("high" if code >> k & 1 else "low", node, "12.4k")
    assert net.solve()["out"] == exact("1.6") * code / 256
    return net.answer()


def differential_tia():
    net = Net()
    for i, volt in enumerate(("0.2", "-0.15", "0.1"), 1):
        net.v(f"v{i}", f"in{i}", volt)
        chain(net, [f"in{i}", f"w{i}p", f"w{i}m"], "2")
    for end, side, ohms in (("plus", "p", "12k 82k 33k"), ("minus", "m", "100k 15k 39k")):
        for i, ohm in enumerate(ohms.split(), 1):
            net.r(f"w{i}{side}", f"b{i}{side}", ohm)
        chain(net, [f"b{i}{side}" for i in range(1, 4)] + [end], "2")
        net.r("out" + side, end, "5k")
        net.e(f"e.x{end}.eamp", "out" + side, "0", end, "20k")
    net.e("edifference", "y", "outm", "outp", 4)
    return net.answer()


def corners():
    net = Net()
    net.v("v1", "in", "0.9")
    chain(net, ["in", "a", "b", "c"], ["4.5", "3", "1.5"])
    for node in "abc":
        net.r(node, f"xc{'abc'.index(node) + 1}.mid", "20k")
        net.r(f"xc{'abc'.index(node) + 1}.mid", "0", 500)
    return net.answer()


# --- non-linear cells -----------------------------------------------------------------------------------------------


def selector(i0, v0):
    """I = i0 sinh(v / v0)."""

    def law(va, vb):
        x = ((va - vb) / v0).exp()
        slope = i0 / v0 * (x + 1 / x) / 2
        return i0 * (x - 1 / x) / 2, slope, -slope

    return law


def selectors_2x3():
    net = Net(Decimal)
    law = selector(Decimal("2e-9"), Decimal("0.065"))
    net.v("vw1", "in1", "1.2")
    net.v("vw2", "in2", "0.6")
    for i, ohms in ((1, "22k 150k 47k"), (2, "33k 10k 270k")):
        chain(net, [f"in{i}"] + [W(i, j) for j in range(1, 4)], 10)
        for j, ohm in enumerate(ohms.split(), 1):
            net.device(W(i, j), f"x{i}_{j}.mid", law)
            net.r(f"x{i}_{j}.mid", B(i, j), ohm)
    for j, volt in enumerate(("0", "0.6", "0.6"), 1):
        chain(net, [B(1, j), B(2, j), f"out{j}"], 10)
        net.v(f"vb{j}", f"out{j}", volt)
    return net.answer()


def channel(gate):
    """EKV: I = 2 n beta ut^2 (f(s)^2 - f(d)^2), f(x) = ln(1 + exp(((gate - vto) / n - x) / (2 ut))); drain, source."""
    ut, beta, vto, n = (Decimal(x) for x in ("0.02585", "2e-4", "0.45", "1.3"))
    pinch = (gate - vto) / n

    def half(x):
        e = ((pinch - x) / (2 * ut)).exp()
        f = (1 + e).ln()
        return f * f, -2 * f * e / (1 + e) / (2 * ut)

    def law(drain, source):
        (forward, by_source), (reverse, by_drain) = half(source), half(drain)
        scale = 2 * n * beta * ut * ut
        return scale * (forward - reverse), -scale * by_drain, scale * by_source

    return law


def transistors_1x3():
    net = Net(Decimal)
    for k, (ohm, gate) in enumerate((("12k", "1.8"), ("9.1k", "0.3"), ("27k", "0.6")), 1):
        net.v(f"vbit{k}", f"bit{k}", "0.3")
        net.r(f"bit{k}", f"x{k}.drain", ohm)
        net.device(f"x{k}.drain", f"line{k}", channel(Decimal(gate)))
    chain(net, ["line1", "line2", "line3", "end"], 8)
    net.v("vsense", "end", 0)
    return net.answer()


def lambert_w(x):
    """w exp(w) = x for x > 0, 50 digits."""
    w = (1 + x).ln()
    for _ in range(100):
        e = w.exp()
        step = (w * e - x) / (e * (1 + w))
        w -= step
        if abs(step) < Decimal("1e-45"):
            return w
    raise ArithmeticError("no root")


def diode():
    nvt = Decimal("1.7") * Decimal(BOLTZMANN) * Decimal("300.15") / Decimal(CHARGE)
    ohm, sat = Decimal(470), Decimal("20e-9")
    rows = []
    for volt in (Decimal(k) / 5 for k in range(1, 6)):
        drop = nvt * lambert_w(sat * ohm / nvt * ((volt + sat * ohm) / nvt).exp()) - sat * ohm  # I R [V]
        # 2e-7: SPICE adds a gmin of 1e-12 S to each junction, which here carries 1.1e-7 of the current at most
        rows += [("dc", "a", volt, volt - drop, 2e-7), ("dc", "v1#branch", volt, -drop / ohm, 2e-7)]
    return rows


# --- in time --------------------------------------------------------------------------------------------------------


def exponential(a, t):
    """exp(A t), A 2 x 2: exp(s t) (cosh(q t) I + sinh(q t) / q (A - s I)), s and q from trace and determinant."""
    s = (a[0][0] + a[1][1]) / 2
    q = cmath.sqrt(s * s - (a[0][0] * a[1][1] - a[0][1] * a[1][0]))
    c, h = cmath.cosh(q * t), cmath.sinh(q * t) / q
    e = math.exp(s * t)
    return [[(e * (c * (i == j) + h * (a[i][j] - s * (i == j)))).real for j in range(2)] for i in range(2)]


def times(a, x):
    return [a[i][0] * x[0] + a[i][1] * x[1] for i in range(2)]


def inverse(a):
    det = a[0][0] * a[1][1] - a[0][1] * a[1][0]
    return [[a[1][1] / det, -a[0][1] / det], [-a[1][0] / det, a[0][0] / det]]


def respond(a, b, x, corners_of_u, at):
    """x(at) of x' = A x + b u(t), x at the first corner given, u straight between corners [(t, u)] and constant behind.

    While u has the slope s, x = c u + d s + exp(A t) k with A c = -b, A d = c.
    """
    back = inverse(a)
    c = [-y for y in times(back, b)]
    d = times(back, c)
    ends = corners_of_u + [(math.inf, corners_of_u[-1][1])]
    for (t0, u0), (t1, u1) in zip(ends, ends[1:]):
        slope = (u1 - u0) / (t1 - t0)
        k = [x[i] - c[i] * u0 - d[i] * slope for i in range(2)]
        t = min(at, t1) - t0
        u = u0 + slope * t
        e = times(exponential(a, t), k)
        x = [c[i] * u + d[i] * slope + e[i] for i in range(2)]
        if at <= t1:
            return x
    raise ValueError("behind the end")


R1, R2, C1, C2 = 1.2e3, 0.9e3, 0.8e-12, 1.1e-12
LINE = [[-(1 / R1 + 1 / R2) / C1, 1 / R2 / C1], [1 / R2 / C2, -1 / R2 / C2]]  # states: near, far


def settle(start, u):
    rows = []
    for at in (1.2e-9, 1.7e-9, 2.5e-9, 4e-9, 6.3e-9, 9.5e-9):
        near, far = respond(LINE, [1 / R1 / C1, 0], start, u, at)
        rows += [("tran", "near", at, near, 1e-5), ("tran", "far", at, far, 1e-5)]
    return rows


def settle_op():
    return settle([0.25, 0.25], [(0, 0.25), (1e-9, 0.25), (1.4e-9, 0.85)])


def settle_uic():
    return settle([0, 0.6], [(0, 0.85)])


def pulse_train():
    tau, low, high = 5e-9, 0.1, 0.9
    u = [(0, low)]
    for k in range(5):
        begin = 2e-9 + 12e-9 * k
        u += [(begin, low), (begin + 0.5e-9, high), (begin + 4.5e-9, high), (begin + 5.5e-9, low)]

    def out(at):
        # one state: the second is a copy without effect
        return respond([[-1 / tau, 0], [0, -2 / tau]], [1 / tau, 0], [low, 0], u, at)[0]

    def crossing(level, left, right):
        for _ in range(200):
            middle = (left + right) / 2
            left, right = (middle, right) if out(middle) < level else (left, middle)
        return left

    rows = [("tran", "out", at, out(at), 5e-5) for at in (3e-9, 6e-9, 11e-9, 19e-9, 30e-9, 41.7e-9, 49e-9)]
    # out rises while in lies above it: its peak is where they meet on the falling edge that ends at 43.5 ns
    left, right = 42.5e-9, 43.5e-9
    for _ in range(200):
        middle = (left + right) / 2
        above = high - (high - low) * (middle - 42.5e-9) / 1e-9 > out(middle)
        left, right = (middle, right) if above else (left, middle)
    rows.append(("measure", "peak", "", out(left), 1e-4))
    rise = crossing(low + 0.3, 2e-9, 6e-9) - (2e-9 + 0.5e-9 * 0.1 / (high - low))
    return rows + [("measure", "rise", "", rise, 1e-4), ("measure", "third", "", out(27e-9), 1e-4)]


def ringing():
    ohm, henry, farad = 60.0, 40e-9, 0.5e-12
    a = [[0, 1 / farad], [-1 / henry, -ohm / henry]]  # states: v(out), current
    u = [(0, 0), (1e-9, 0), (1.05e-9, 1)]
    rows = []
    for at in (1.3e-9, 1.5e-9, 2e-9, 2.9e-9, 5e-9, 9e-9):
        rows.append(("tran", "out", at, respond(a, [0, 1 / henry], [0, 0], u, at)[0], 1e-4))
    rows.append(("tran", "l1#branch", 1.25e-9, respond(a, [0, 1 / henry], [0, 0], u, 1.25e-9)[1], 1e-4))
    for hertz in (0.5e9, 1e9, 1.5e9, 2e9, 2.5e9):
        w = 2j * math.pi * hertz
        rows += phasor("out", hertz, 1 / (1 + w * ohm * farad + w * w * henry * farad))
    return rows


def coupled_coils():
    r1, l1, l2, k, load = 50.0, 2e-6, 0.5e-6, 0.8, 75.0
    mutual = k * math.sqrt(l1 * l2)
    det = l1 * l2 - mutual * mutual
    to_i = [[l2 / det, -mutual / det], [-mutual / det, l1 / det]]  # inverse of the inductances
    a = [[-to_i[i][0] * r1, -to_i[i][1] * load] for i in range(2)]  # states: currents into the dots
    u = [(0, 0), (10e-9, 0), (11e-9, 1)]
    rows = []
    for at in (10.5e-9, 13e-9, 20e-9, 45e-9, 100e-9, 190e-9):
        i1, i2 = respond(a, [to_i[0][0], to_i[1][0]], [0, 0], u, at)
        found = {"l1#branch": i1, "l2#branch": i2, "secondary": -load * i2}
        rows += [("tran", name, at, value, 1e-4) for name, value in found.items()]
    for hertz in (1e5, 1e6, 1e7, 1e8):
        w = 2j * math.pi * hertz
        reflected = w * l1 + (2 * math.pi * hertz * mutual) ** 2 / (load + w * l2)
        i1 = 1 / (r1 + reflected)
        rows += phasor("primary", hertz, reflected * i1)
        rows += phasor("secondary", hertz, load * w * mutual * i1 / (load + w * l2))
    return rows


# --- in frequency ---------------------------------------------------------------------------------------------------


def phasor(name, hertz, value, rtol=1e-9):
    return [("ac", f"vr({name})", hertz, value.real, rtol), ("ac", f"vi({name})", hertz, value.imag, rtol)]


def ladder_ac():
    """From the far end: v and i of one section from those of the next, v(out) = 1; then scaled to 1 V at the input."""
    rows = []
    for hertz in (1e7, 1e8, 1e9, 1e10):
        w = 2j * math.pi * hertz
        v, i, seen = 1, 0, {}
        for node in ("out", "n2", "n1"):
            seen[node] = v
            i += v * w * 0.4e-12
            v += 500 * i
        for node in ("n1", "n2", "out"):
            rows += phasor(node, hertz, seen[node] / v)
    return rows


def divider_noise():
    r1, r2, farad, kelvin = 8.2e3, 15e3, 2e-12, 350.0
    r = r1 * r2 / (r1 + r2)
    rows = []
    for hertz in (1e6, 1e7, 1e8, 1e9):
        low_pass = 1 / math.sqrt(1 + (2 * math.pi * hertz * r * farad) ** 2)
        out = math.sqrt(4 * BOLTZMANN * kelvin * r) * low_pass
        rows += [("noise", "onoise_spectrum", hertz, out, 1e-9),
                 ("noise", "inoise_spectrum", hertz, out / (r / r1 * low_pass), 1e-9)]
    return rows


def column_noise():
    """Conductance seen from the open end, cell by cell; the share of word line 2 likewise. 27 degrees Celsius."""
    branch = [100 + x for x in (10e3, 27e3, 56e3)]  # driver and cell
    above = branch[0] + 15  # seen from b2 upward
    left = 1 / (1 / above + 1 / branch[1])
    gain = left / branch[1]  # of word line 2 at b2, the rest unloaded
    seen = left + 15
    gain *= branch[2] / (branch[2] + seen)
    seen = 1 / (1 / seen + 1 / branch[2]) + 15
    out = math.sqrt(4 * BOLTZMANN * 300.15 * seen)
    rows = []
    for hertz in (1e3, 1e4, 1e5, 1e6):
        rows += [("noise", "onoise_spectrum", hertz, out, 1e-9), ("noise", "inoise_spectrum", hertz, out / gain, 1e-9)]
    return rows


# --- files ----------------------------------------------------------------------------------------------------------

RATIONAL = "node equations over the rational numbers, exact until printed (expected.py)"
NEWTON = "node equations by Newton's method with 50 digits (expected.py)"
DECKS = {
    left_bottom_3x4: RATIONAL,
    right_top_4x3: RATIONAL,
    both_ends_3x4: RATIONAL,
    direct_ends_3x4: RATIONAL,
    parallel_3x4: RATIONAL,
    floating_line_3x4: RATIONAL,
    half_voltage_4x4: RATIONAL,
    faults_3x4: RATIONAL,
    hspice_16x16: RATIONAL,
    selectors_2x3: NEWTON,
    transistors_1x3: NEWTON,
    converter_8bit: RATIONAL + "; out = vref 178/256",
    differential_tia: RATIONAL,
    corners: RATIONAL,
    diode: "Lambert's W with 50 digits (expected.py)",
    settle_op: "eigenvalues of two states, closed form (expected.py)",
    settle_uic: "eigenvalues of two states, closed form (expected.py)",
    pulse_train: "exponentials from edge to edge, closed form (expected.py)",
    ringing: "eigenvalues of two states; 1 / (1 + jw RC - w^2 LC) (expected.py)",
    coupled_coils: "eigenvalues of two states; reflected impedance (expected.py)",
    ladder_ac: "section by section in complex numbers (expected.py)",
    divider_noise: "sqrt(4 k T R1 R2/(R1 + R2)) under a low-pass, closed form (expected.py)",
    column_noise: "sqrt(4 k T R), R seen from the open end (expected.py)",
}


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    for circuit, how in DECKS.items():
        rows = circuit()
        with open(os.path.join(folder, circuit.__name__ + ".csv"), "w", encoding="ascii") as out:
            out.write(f"# {how}\n")
            if len(rows[0]) == 5:
                out.write("analysis,vector,at,value,rtol\n")
            for row in rows:
                out.write(",".join(x if isinstance(x, str) else repr(float(x)) for x in row) + "\n")


if __name__ == "__main__":
    main()
