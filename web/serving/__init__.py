"""Between the network and the application: the server process, what is served, and what every answer carries."""
