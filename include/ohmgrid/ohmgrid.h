/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/ohmgrid.h
 * The whole public interface of libohmgrid.
 *
 * Conventions, everywhere. m word lines (rows, index i, driven), n bit lines (columns, index j, sensed), k input
 * vectors. Matrices are row-major, doubles, SI units; a quantity that crosses the interface carries its unit in its
 * name (_ohm, _siemens, _volt, _amp, _watt, _joule, _second). I = V G_eff with V (k x m) and I (k x n); current is
 * positive into the sense node. Order of arguments: created object, object, inputs, result buffers, info, error.
 * Objects are used by one thread at a time; different objects by any number of threads.
 */
#ifndef OHMGRID_OHMGRID_H
#define OHMGRID_OHMGRID_H

#include <ohmgrid/analysis.h>
#include <ohmgrid/array.h>
#include <ohmgrid/cell.h>
#include <ohmgrid/check.h>
#include <ohmgrid/circuit.h>
#include <ohmgrid/compact.h>
#include <ohmgrid/cosim.h>
#include <ohmgrid/deck.h>
#include <ohmgrid/devbench.h>
#include <ohmgrid/device.h>
#include <ohmgrid/devnew.h>
#include <ohmgrid/gate.h>
#include <ohmgrid/devsample.h>
#include <ohmgrid/matrix.h>
#include <ohmgrid/measure.h>
#include <ohmgrid/netlist.h>
#include <ohmgrid/noise.h>
#include <ohmgrid/nonlinear.h>
#include <ohmgrid/plan.h>
#include <ohmgrid/preisach.h>
#include <ohmgrid/relax.h>
#include <ohmgrid/solve.h>
#include <ohmgrid/spice.h>
#include <ohmgrid/status.h>
#include <ohmgrid/study.h>
#include <ohmgrid/transient.h>
#include <ohmgrid/vectors.h>
#include <ohmgrid/wire.h>
#include <ohmgrid/write.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the library that is running, e.g. "0.1.0". Static string. */
const char *og_version(void);

#ifdef __cplusplus
}
#endif
#endif
