ohmgridinclude_HEADERS += \
  %D%/ohmgrid/analysis.h \
  %D%/ohmgrid/array.h \
  %D%/ohmgrid/cell.h \
  %D%/ohmgrid/check.h \
  %D%/ohmgrid/circuit.h \
  %D%/ohmgrid/cosim.h \
  %D%/ohmgrid/deck.h \
  %D%/ohmgrid/devbench.h \
  %D%/ohmgrid/device.h \
  %D%/ohmgrid/gate.h \
  %D%/ohmgrid/devsample.h \
  %D%/ohmgrid/matrix.h \
  %D%/ohmgrid/measure.h \
  %D%/ohmgrid/netlist.h \
  %D%/ohmgrid/noise.h \
  %D%/ohmgrid/nonlinear.h \
  %D%/ohmgrid/ohmgrid.h \
  %D%/ohmgrid/plan.h \
  %D%/ohmgrid/solve.h \
  %D%/ohmgrid/spice.h \
  %D%/ohmgrid/status.h \
  %D%/ohmgrid/study.h \
  %D%/ohmgrid/transient.h \
  %D%/ohmgrid/vectors.h \
  %D%/ohmgrid/wire.h \
  %D%/ohmgrid/write.h
