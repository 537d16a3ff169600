/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_keys.h  What the readers of cards and benches share: keys of a section, each looked at with its line. */
#ifndef OGI_KEYS_H
#define OGI_KEYS_H

#include "config/ogi_tree.h"

/** File under reading, for messages; where says what of it: "parameters.gon". */
typedef struct ogi_place_in {
  const char *path;
  og_error *err;
} ogi_place_in;

/** "path:line: where: saw ..., need ...". @return st = OG_E_INPUT */
og_status ogi_keys_wrong(const ogi_place_in *in, const ogi_tree *t, const char *where, const char *need);
/** Put "path:line: where: " in front of an error. */
og_status ogi_keys_at(const ogi_place_in *in, const ogi_tree *t, const char *where, og_status st);
/** OG_E_INPUT unless t is a map whose keys are all among words ("a b c"). where "": the file itself. */
og_status ogi_keys_known(const ogi_place_in *in, const ogi_tree *t, const char *where, const char *words);
/** Text of a key; must: it has to be there and not be empty. *out is "" if it is missing. Borrowed. */
og_status ogi_keys_text(const ogi_place_in *in, const ogi_tree *map, const char *where, const char *key, int must,
                        const char **out);
/** OG_E_INPUT unless text is 1 .. 40 letters, digits or signs among "_-." and does not begin with '.' or '-'. */
og_status ogi_keys_name(const ogi_place_in *in, const ogi_tree *t, const char *where, const char *text);

#endif
