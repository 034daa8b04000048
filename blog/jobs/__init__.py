"""Work outside requests: jobs, the worker, what is due daily; it knows no task but by its name."""
