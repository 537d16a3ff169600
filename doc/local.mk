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

# Installed under the command's own name, so that bash finds it.
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)'
	$(INSTALL_DATA) $(srcdir)/doc/ohmgrid-completion.bash '$(DESTDIR)$(bashcompletiondir)/ohmgrid'
uninstall-hook:
	rm -f '$(DESTDIR)$(bashcompletiondir)/ohmgrid'
