"""An HTTP server for tests, whose clients may hang up."""

import http.server
import sys


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # Prometheus gives a scrape up when its second is over, and a provider that ends its watches.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)
