libohmgrid_core_la_SOURCES += \
  %D%/deck.c \
  %D%/deck_cards.c \
  %D%/deck_diode.c \
  %D%/deck_elements.c \
  %D%/deck_emit.c \
  %D%/deck_network.c \
  %D%/deck_read.c \
  %D%/deck_sources.c \
  %D%/emit.c \
  %D%/expr.c \
  %D%/expr_eval.c \
  %D%/lines.c \
  %D%/pieces.c \
  %D%/scope.c \
  %D%/ogi_deck_network.h \
  %D%/ogi_deck_parts.h \
  %D%/ogi_deck_read.h \
  %D%/ogi_expr.h \
  %D%/ogi_expr_node.h \
  %D%/ogi_lines.h \
  %D%/ogi_netlist.h \
  %D%/ogi_recognise.h
