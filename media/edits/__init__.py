"""Editing photographs without touching them: a recipe says what is to be done, and is applied to the original.

    recipe       Recipe, Crop, read_recipe(values) -> Recipe    what may be said, with its bounds (light: no Pillow)
    looks        LOOKS: the named filters, as numbers           (light)
    foreign      what Pixelfed's filters are called, and which of ours is nearest (light)
    geometry     which part of the original is shown, and how it is turned
    cube         tone and filter together as one three-dimensional table
    finish       vignette, sharpening, grain
    development  apply(image, recipe): the whole recipe, in that order
    tasks        what workers do: variants of an edited photograph, previews, a strip with every filter
    options      what those tasks are told (light)
    sheet        every filter on one photograph, with labels

Colours are worked on in sRGB as it is encoded, which is what eyes call even steps; white balance is a gain of the
encoded values, which for a pure power law is the same as one in linear light.
"""
