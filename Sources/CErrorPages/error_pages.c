// libmicrohttpd's pages are HTML, and no option changes them. It queues them with its own public function, as a program
// would, and the dynamic linker puts a program's definition before a library's: so what arrives at the definition below
// is the library's, for this program queues its own responses with error_pages_queue. Where the library was linked so
// that it always calls itself (-Bsymbolic), the pages stay as they are.
#define _GNU_SOURCE
#include "error_pages.h"

#include <dlfcn.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stddef.h>

static _Atomic(error_page) replacement;

static enum MHD_Result queue_in_library(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
    typedef enum MHD_Result (*queue_function)(struct MHD_Connection *, unsigned int, struct MHD_Response *);
    queue_function queue = (queue_function)dlsym(RTLD_NEXT, "MHD_queue_response");
    return queue ? queue(connection, status, response) : MHD_NO;
}

void error_pages_replace(error_page page) { atomic_store(&replacement, page); }

int error_pages_queue(struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
    return queue_in_library(connection, status, response) == MHD_YES;
}

enum MHD_Result MHD_queue_response(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
    error_page page = atomic_load(&replacement);
    struct MHD_Response *ours = page ? page(connection, &status) : NULL;
    if (!ours) return queue_in_library(connection, status, response);
    enum MHD_Result result = queue_in_library(connection, status, ours);
    MHD_destroy_response(ours);
    return result;
}
