// What libmicrohttpd answers to requests that it cannot parse, before any of its callbacks hears of them.
#pragma once

struct MHD_Connection;
struct MHD_Response;

/// The response to send in place of the library's own page, whose status may be changed too; NULL: the page goes out.
typedef struct MHD_Response *_Nullable (*error_page)(
    struct MHD_Connection *_Nonnull connection, unsigned int *_Nonnull status);

/// Has every page of the library replaced, of all daemons.
void error_pages_replace(error_page _Nonnull page);

/// MHD_queue_response for the program's own responses; 1 where the response was taken.
int error_pages_queue(
    struct MHD_Connection *_Nonnull connection, unsigned int status, struct MHD_Response *_Nonnull response);
