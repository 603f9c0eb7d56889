"""The demo inbox: an invented messaging product that frames the contact panel as any third party would.

It knows its own conversations, the address of the panel and the secret it shares with the workspace. It must not
know the product's rooms: whatever it can do, a stranger's inbox can do too.
"""
