man_MANS += %D%/man/ohmgrid.1
dist_doc_DATA += %D%/ARCHITECTURE.md
dist_doc_DATA += %D%/GLOSSARY.md
dist_doc_DATA += %D%/cosim.md
dist_doc_DATA += %D%/cross-check.md
dist_doc_DATA += %D%/decks.md
dist_doc_DATA += %D%/devices.md
dist_doc_DATA += %D%/engines-compact.md
dist_doc_DATA += %D%/engines-lines.md
dist_doc_DATA += %D%/engines-merge.md
dist_doc_DATA += %D%/engines-mna.md
dist_doc_DATA += %D%/engines-noise.md
dist_doc_DATA += %D%/engines-nonlinear.md
dist_doc_DATA += %D%/engines-transient.md
dist_doc_DATA += %D%/netlists.md
dist_doc_DATA += %D%/ngspice.md
dist_doc_DATA += %D%/performance.md
dist_doc_DATA += %D%/recognition.md
# Pages of devices, made by `make device-pages`.
devicedocdir = $(docdir)/devices
dist_devicedoc_DATA = %D%/devices/README.md
dist_devicedoc_DATA += \
  %D%/devices/eso-yoo2024-energy-1.svg \
  %D%/devices/eso-yoo2024-facilitation-1.svg \
  %D%/devices/eso-yoo2024-kinetics-1.svg \
  %D%/devices/eso-yoo2024-loop-1.svg \
  %D%/devices/eso-yoo2024-loop-2.svg \
  %D%/devices/eso-yoo2024-relaxation-1.svg \
  %D%/devices/eso-yoo2024-relaxation-2.svg \
  %D%/devices/eso-yoo2024.md
dist_devicedoc_DATA += \
  %D%/devices/fefet-cap-lk-loop-1.svg \
  %D%/devices/fefet-cap-lk-loop-2.svg \
  %D%/devices/fefet-cap-lk.md
dist_devicedoc_DATA += \
  %D%/devices/fefet-cap-amplitude-1.svg \
  %D%/devices/fefet-cap-energy-1.svg \
  %D%/devices/fefet-cap-kinetics-1.svg \
  %D%/devices/fefet-cap-loop-1.svg \
  %D%/devices/fefet-cap-loop-2.svg \
  %D%/devices/fefet-cap-pund-1.svg \
  %D%/devices/fefet-cap-pund-2.svg \
  %D%/devices/fefet-cap-pund-3.svg \
  %D%/devices/fefet-cap-retention-1.svg \
  %D%/devices/fefet-cap-width-1.svg \
  %D%/devices/fefet-cap.md
dist_devicedoc_DATA += \
  %D%/devices/fefet-dendrite-all-1.svg \
  %D%/devices/fefet-dendrite-all-2.svg \
  %D%/devices/fefet-dendrite-energy-1.svg \
  %D%/devices/fefet-dendrite-five-1.svg \
  %D%/devices/fefet-dendrite-five-2.svg \
  %D%/devices/fefet-dendrite-five-3.svg \
  %D%/devices/fefet-dendrite.md
dist_devicedoc_DATA += \
  %D%/devices/fefet-energy-1.svg \
  %D%/devices/fefet-fraction-1.svg \
  %D%/devices/fefet-transfer-1.svg \
  %D%/devices/fefet-transfer-2.svg \
  %D%/devices/fefet-window-1.svg \
  %D%/devices/fefet-window-2.svg \
  %D%/devices/fefet.md
dist_devicedoc_DATA += \
  %D%/devices/nanowire-snspd-hysteresis-1.svg \
  %D%/devices/nanowire-snspd-hysteresis-2.svg \
  %D%/devices/nanowire-snspd-inductance-1.svg \
  %D%/devices/nanowire-snspd-oscillator-1.svg \
  %D%/devices/nanowire-snspd-oscillator-2.svg \
  %D%/devices/nanowire-snspd-oscillator-3.svg \
  %D%/devices/nanowire-snspd.md
dist_devicedoc_DATA += \
  %D%/devices/neuron-adex-adaptation-1.svg \
  %D%/devices/neuron-adex-adaptation-2.svg \
  %D%/devices/neuron-adex-adaptation-3.svg \
  %D%/devices/neuron-adex-leak-1.svg \
  %D%/devices/neuron-adex-plain-1.svg \
  %D%/devices/neuron-adex.md
dist_devicedoc_DATA += \
  %D%/devices/neuron-lif-rate-1.svg \
  %D%/devices/neuron-lif-rate-2.svg \
  %D%/devices/neuron-lif-rheobase-1.svg \
  %D%/devices/neuron-lif.md
dist_devicedoc_DATA += \
  %D%/devices/pcm-drift-drift-1.svg \
  %D%/devices/pcm-drift-energy-1.svg \
  %D%/devices/pcm-drift-kinetics-1.svg \
  %D%/devices/pcm-drift-mixed-1.svg \
  %D%/devices/pcm-drift-program-1.svg \
  %D%/devices/pcm-drift-program-2.svg \
  %D%/devices/pcm-drift.md
dist_devicedoc_DATA += \
  %D%/devices/rram-linear-analog-energy-1.svg \
  %D%/devices/rram-linear-analog-loop-1.svg \
  %D%/devices/rram-linear-analog-pulses-1.svg \
  %D%/devices/rram-linear-analog-retention-1.svg \
  %D%/devices/rram-linear-analog.md
dist_devicedoc_DATA += \
  %D%/devices/rram-stanford-pku-disturb-1.svg \
  %D%/devices/rram-stanford-pku-energy-1.svg \
  %D%/devices/rram-stanford-pku-energy-2.svg \
  %D%/devices/rram-stanford-pku-loop-1.svg \
  %D%/devices/rram-stanford-pku-loop-2.svg \
  %D%/devices/rram-stanford-pku-loop-3.svg \
  %D%/devices/rram-stanford-pku-reset-1.svg \
  %D%/devices/rram-stanford-pku-set-1.svg \
  %D%/devices/rram-stanford-pku.md
dist_devicedoc_DATA += \
  %D%/devices/rram-taox-hp-conductance-1.svg \
  %D%/devices/rram-taox-hp-loop-1.svg \
  %D%/devices/rram-taox-hp-loop-2.svg \
  %D%/devices/rram-taox-hp-reset-1.svg \
  %D%/devices/rram-taox-hp-set-1.svg \
  %D%/devices/rram-taox-hp.md
dist_devicedoc_DATA += \
  %D%/devices/rram-vteam-energy-1.svg \
  %D%/devices/rram-vteam-loop-1.svg \
  %D%/devices/rram-vteam-loop-2.svg \
  %D%/devices/rram-vteam-reset-1.svg \
  %D%/devices/rram-vteam-retention-1.svg \
  %D%/devices/rram-vteam-set-1.svg \
  %D%/devices/rram-vteam.md
dist_devicedoc_DATA += \
  %D%/devices/selector-exponential-sweep-1.svg \
  %D%/devices/selector-exponential.md
dist_devicedoc_DATA += \
  %D%/devices/selector-threshold-delay-1.svg \
  %D%/devices/selector-threshold-loop-1.svg \
  %D%/devices/selector-threshold-loop-2.svg \
  %D%/devices/selector-threshold-selectivity-1.svg \
  %D%/devices/selector-threshold.md
EXTRA_DIST += %D%/refs.bib %D%/ohmgrid-completion.bash
check_PROGRAMS += %D%/examples/one_array
TESTS += %D%/examples/one_array
%C%_examples_one_array_SOURCES = %D%/examples/one_array.c
%C%_examples_one_array_LDADD = libohmgrid.la

check_PROGRAMS += %D%/examples/user_cell
TESTS += %D%/examples/user_cell
%C%_examples_user_cell_SOURCES = %D%/examples/user_cell.c
%C%_examples_user_cell_LDADD = libohmgrid.la -lm

check_PROGRAMS += %D%/examples/deck_session
TESTS += %D%/examples/deck_session
%C%_examples_deck_session_SOURCES = %D%/examples/deck_session.c
%C%_examples_deck_session_LDADD = libohmgrid.la -lm

check_PROGRAMS += %D%/examples/array_in_time
TESTS += %D%/examples/array_in_time
%C%_examples_array_in_time_SOURCES = %D%/examples/array_in_time.c
%C%_examples_array_in_time_LDADD = libohmgrid.la -lm

# Installed under the command's own name, so that bash finds it.
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)'
	$(INSTALL_DATA) $(srcdir)/doc/ohmgrid-completion.bash '$(DESTDIR)$(bashcompletiondir)/ohmgrid'
uninstall-hook:
	rm -f '$(DESTDIR)$(bashcompletiondir)/ohmgrid'
