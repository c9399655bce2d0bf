"""Widgets: the steps as forms and windows in a notebook.

They hold no logic of their own: what a form does is a function of certlib.
"""
