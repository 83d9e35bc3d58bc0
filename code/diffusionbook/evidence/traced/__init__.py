"""The folder that makes Python start under a watch: see ``sitecustomize``."""
