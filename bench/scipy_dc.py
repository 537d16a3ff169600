# SPDX-License-Identifier: BSD-3-Clause
"""One crossbar by SciPy's sparse solvers. usage: scipy_dc.py FOLDER OHM

FOLDER holds g.npy (m x n, siemens) and v.npy (1 x m, volt) and receives i.npy (1 x n, ampere), that of spsolve.
Prints the seconds of spsolve, of splu and of one solution with splu's factor; assembly is in the first two.
"""
import sys
import time

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu, spsolve


def nodal_matrix(g, wire):
    """Word nodes (i,j) at i n + j, bit nodes m n further; driven on the left, grounded at the bottom."""
    m, n = g.shape
    word = np.arange(m * n).reshape(m, n)
    bit = word + m * n
    own = np.concatenate([g + 2 * wire, g + 2 * wire])
    own[:m, -1] -= wire
    own[m, :] -= wire
    rows = [word, bit, word, bit]
    columns = [word, bit, bit, word]
    values = [own[:m], own[m:], -g, -g]
    for a, b in ((word[:, :-1], word[:, 1:]), (bit[:-1], bit[1:])):
        rows += [a, b]
        columns += [b, a]
        values += [np.full(a.shape, -wire)] * 2
    flat = [np.concatenate([x.ravel() for x in part]) for part in (values, rows, columns)]
    return coo_matrix((flat[0], (flat[1], flat[2])), shape=(2 * m * n, 2 * m * n)).tocsc()


def main(folder, ohm):
    g, v = np.load(folder + "/g.npy"), np.load(folder + "/v.npy").ravel()
    m, n = g.shape
    rhs = np.zeros(2 * m * n)
    rhs[: m * n : n] = v / ohm

    start = time.perf_counter()
    x = spsolve(nodal_matrix(g, 1 / ohm), rhs)
    solved = time.perf_counter()
    factor = splu(nodal_matrix(g, 1 / ohm), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0,
                  options={"SymmetricMode": True})
    factored = time.perf_counter()
    factor.solve(rhs)
    print(solved - start, factored - solved, time.perf_counter() - factored)
    np.save(folder + "/i.npy", (x[-n:] / ohm).reshape(1, n))


main(sys.argv[1], float(sys.argv[2]))
