// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Included before each file of Lua: what WASI 0.1 has no notion of.

#include <stdio.h>
#include <stdlib.h>

#define L_tmpnam 20

#define tmpfile()       ((FILE *)NULL)
#define tmpnam(buffer)  ((void)(buffer), (char *)NULL)
#define system(command) ((void)(command), -1)
