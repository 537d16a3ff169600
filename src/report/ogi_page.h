/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_page.h  What HTML reports of every kind share. */
#ifndef OGI_PAGE_H
#define OGI_PAGE_H

/** The style sheet. */
extern const char ogi_page_style[];

#endif
