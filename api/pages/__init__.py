"""The few pages of the node itself: HTML without scripts, rendered here, styled by one sheet."""
