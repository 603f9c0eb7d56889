"""Sidebar: the Salesforce contact panel for messaging inboxes, on your own server.

Start reading at app.py, which puts the rooms together; DESIGN in README.md draws the four lines data flows along.
"""
