"""The notebooks that readers get: written from the pages, offered by them, and run to see that they
give the committed numbers.
"""
