"""Patchbay on one machine: the deployment's own template on a local AWS, with stand-ins for the providers."""
