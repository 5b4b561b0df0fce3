// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/output.h"

#include "base/alloc.h"
#include "cli/report.h"
#include "os/random.h"

#include <string.h>

static bool failed(const Output *o, OsError error) {
    return report_error("cannot write %s: %s",
                        o->path ? o->path : "standard output",
                        os_error_text(error));
}

static PathAt named(const Output *o, const char *name) {
    return (PathAt){o->dir, name, strlen(name)};
}

// Splits the path into an open directory and a name.
static OsError open_dir(Output *o) {
    const char *slash = strrchr(o->path, '/');
    const char *name = slash ? slash + 1 : o->path;
    size_t len = (size_t)(name - o->path);
    if (strlen(name) >= sizeof o->name) return OS_nametoolong;
    if (!name[0]) return OS_isdir;
    memcpy(o->name, name, strlen(name) + 1);
    char *dir = mem_alloc(len + 2);
    if (!dir) return OS_nomem;
    memcpy(dir, len ? o->path : ".", len ? len : 1);
    dir[len ? len : 1] = 0;
    OsError error = file_open_host_dir(dir, &o->dir);
    mem_free(dir);
    return error;
}

static OsError open_temporary(Output *o) {
    uint64_t number;
    if (!random_fill(&number, sizeof number)) return OS_io;
    snprintf(o->temporary, sizeof o->temporary, ".foliot-%016llx",
             (unsigned long long)number);
    PathOpen how = {.write = true, .create = true, .exclusive = true};
    o->is_temporary = true;
    return path_open(named(o, o->temporary), &how, &o->fd);
}

static OsError open_file(Output *o) {
    FileStat stat;
    OsError error = open_dir(o);
    if (error) return error;
    error = path_stat(named(o, o->name), false, &stat);
    if (error && error != OS_noent) return error;
    if (error || stat.type == FILE_regular) return open_temporary(o);
    return file_create_host(o->path, &o->fd);
}

bool output_open(Output *o, const char *path) {
    *o = (Output){.path = path, .fd = 1, .dir = -1};
    if (!path || !strcmp(path, "-")) {
        o->path = NULL;
        return true;
    }
    OsError error = open_file(o);
    if (!error) return true;
    if (o->dir >= 0) file_close(o->dir);
    return failed(o, error);
}

bool output_write(void *env, const char *data, size_t len) {
    Output *o = env;
    while (len && !o->error) {
        union {
            const char *from;
            void *at; // writing does not change what is there
        } bytes = {data};
        FileBuf buf = {bytes.at, len};
        size_t done = 0;
        o->error = file_write(o->fd, &buf, 1, &done);
        data += done;
        len -= done;
    }
    return !o->error;
}

bool output_close(Output *o, bool keep) {
    if (!o->path)
        return !o->error || o->error == OS_pipe || failed(o, o->error);
    file_close(o->fd);
    OsError error = o->error;
    if (o->is_temporary && keep && !error)
        error = path_rename(named(o, o->temporary), named(o, o->name));
    if (o->is_temporary && (error || !keep)) {
        OsError removed = path_unlink(named(o, o->temporary));
        if (!error) error = removed;
    }
    file_close(o->dir);
    return !error || failed(o, error);
}
