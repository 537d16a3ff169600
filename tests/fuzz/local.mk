# One program a target, from the source of its own name; with libFuzzer's main, or ours that replays files.
# A new target: two lines here, its source and a folder in corpus/.
noinst_HEADERS += %D%/fuzz.h
if FUZZERS
FUZZ_LDADD = $(LIBFUZZER) libohmgrid-core.la
EXTRA_DIST += %D%/replay.c
else
noinst_LTLIBRARIES += libfuzzmain.la
libfuzzmain_la_SOURCES = %D%/replay.c
libfuzzmain_la_LIBADD = libohmgrid-core.la
FUZZ_LDADD = libfuzzmain.la
endif
check_PROGRAMS += %D%/fuzz_csv
tests_fuzz_fuzz_csv_LDADD = $(FUZZ_LDADD)
check_PROGRAMS += %D%/fuzz_deck
tests_fuzz_fuzz_deck_LDADD = $(FUZZ_LDADD)
check_PROGRAMS += %D%/fuzz_measure
tests_fuzz_fuzz_measure_LDADD = $(FUZZ_LDADD)
check_PROGRAMS += %D%/fuzz_raw
tests_fuzz_fuzz_raw_LDADD = $(FUZZ_LDADD)

dist_check_SCRIPTS += %D%/replay.sh
TESTS += %D%/replay.sh
EXTRA_DIST += %D%/README %D%/deck.dict %D%/samples.cir %D%/corpus
