/* Ends a program as kill -9 does, at one chosen call into the file system. Loaded before the C library (LD_PRELOAD), so
 * that the program under test is the one that is shipped: it has no hook in it and does not know.
 *
 * POWER_CUT_CALL   open (only what makes a file), write, rename, unlink, or any of them
 * POWER_CUT_PATH   a part of the file's path; for rename, of the new one
 * POWER_CUT_NTH    the how manyeth such call, from 1
 * POWER_CUT_WHEN   before, after, or half: before the call, after it, or, for write, after one half of the bytes;
 *                  full: the program goes on, on a disk that has no room for this call
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum when { NEVER, BEFORE, AFTER, HALF, FULL };

static int no_room(void) {
    errno = ENOSPC;
    return -1;
}

static void cut(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Whether this call is the one. */
static enum when now(const char *call, const char *path) {
    static atomic_long seen;
    const char *wanted = getenv("POWER_CUT_CALL"), *part = getenv("POWER_CUT_PATH");
    const char *nth = getenv("POWER_CUT_NTH"), *when = getenv("POWER_CUT_WHEN");
    if (!wanted || !part || !nth || !when || !path) return NEVER;
    if (strcmp(wanted, "any") != 0 && strcmp(wanted, call) != 0) return NEVER;
    if (!strstr(path, part)) return NEVER;
    if (atomic_fetch_add(&seen, 1) + 1 != atol(nth)) return NEVER;
    if (strcmp(when, "before") == 0) return BEFORE;
    if (strcmp(when, "full") == 0) return FULL;
    return strcmp(when, "half") == 0 && strcmp(call, "write") == 0 ? HALF : AFTER;
}

static int opened(const char *name, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    enum when when = flags & O_CREAT ? now("open", path) : NEVER;
    if (when == BEFORE) cut();
    if (when == FULL) return no_room();
    int fd = real(path, flags, mode);
    if (when != NEVER) cut();
    return fd;
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    return opened("open64", path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    ssize_t (*real)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    enum when when = now("write", path);
    if (when == BEFORE) cut();
    if (when == FULL) return no_room();
    ssize_t written = real(fd, bytes, when == HALF ? count / 2 : count);
    if (when != NEVER) cut();
    return written;
}

int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    enum when when = now("rename", to);
    if (when == BEFORE) cut();
    if (when == FULL) return no_room();
    int done = real(from, to);
    if (when != NEVER) cut();
    return done;
}

int unlink(const char *path) {
    int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
    /* Of a file that is not there it changes nothing. */
    enum when when = access(path, F_OK) == 0 ? now("unlink", path) : NEVER;
    if (when == BEFORE) cut();
    if (when == FULL) return no_room();
    int done = real(path);
    if (when != NEVER) cut();
    return done;
}
