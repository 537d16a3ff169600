/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_locate.h  From the name of a card or table to its file: a path as it is, a name inside the data folder. */
#ifndef OGI_LOCATE_H
#define OGI_LOCATE_H

#include <stddef.h>

#include "base/ogi_error.h"

/** 1 if the name is a path (has a '/' or ends in .yaml), not the name of something installed. */
int ogi_locate_is_path(const char *name);

/**
 * Path of the file, a new string (release with ogi_free): name itself if it is a path, else data_dir/folder/name+tail.
 * @param[in] data_dir NULL: the installed one
 * @retval OG_E_NOMEM
 */
og_status ogi_locate(char **path, const char *data_dir, const char *folder, const char *name, const char *tail,
                     og_error *err);

/**
 * Short name of a path: "x" for "a/x/card.yaml" with tail "/card.yaml", and for "a/x.yaml" with any tail.
 * @retval OG_E_INPUT nothing left, or longer than size - 1 bytes
 */
og_status ogi_locate_name(char *out, size_t size, const char *path, const char *tail, og_error *err);

#endif
