// The seam to the allocator's settings: Swift's overlay of the C library lacks malloc.h.
#ifndef CMEMORY_H
#define CMEMORY_H

/// Makes the allocator spare with memory. Call it before the process has a second thread.
void cmemory_be_sparing(void);

#endif
