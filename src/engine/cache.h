// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled modules in a directory, by what they were made from: the hash of a
// module's bytes, of the configuration and of this build is a file's name.
//
// Nothing here can fail a load. A file is written under another name, checked,
// and renamed, so that others see it whole or not at all; what a process that
// was killed left behind goes when the directory is tidied. What was used
// longest ago goes when all is over the limit. The files are trusted as
// programs are: the directory must be one that only its user can write to.
#pragma once

#include "rt/rt_module.h"

typedef struct Cache Cache;

#define CACHE_SIZE_DEFAULT ((uint64_t)1 << 30)

// Where programs keep a user's caches (XDG base directories): for those who ask,
// since it reads variables of the environment. False: nobody says.
NODISCARD bool cache_default_dir(char *out, size_t size);

// What happened to an engine's cache so far.
typedef struct CacheCounts {
    _Atomic uint32_t hits, misses, written, evicted;
} CacheCounts;

// The directory is made when something is written. `size_max` bytes; 0: the
// default. NULL: no memory.
NODISCARD Cache *cache_new(const char *dir, uint64_t size_max);
void cache_free(Cache *c); // NULL is fine
const CacheCounts *cache_counts(const Cache *c);

// The name of a module's file.
typedef struct CacheKey {
    char name[72];
} CacheKey;
void cache_key(const Engine *e, const uint8_t *bytes, size_t size,
               CacheKey *out);

// The module if it is there, else NULL.
NODISCARD RtModule *cache_find(Cache *c, Engine *e, const CacheKey *key);
// Compiles all of the module and keeps it.
void cache_add(Cache *c, RtModule *m, const CacheKey *key);
