// Cairo with its SVG, PDF and FreeType parts, in one module.
#pragma once
#include <cairo.h>
#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include FT_ADVANCES_H

// Swift cannot import macros with casts, nor unions of flags: these say what Plot asks of FreeType.

// A glyph's advance in font units, or -1.
static inline long clearbox_advance(FT_Face face, unsigned int glyph) {
  FT_Fixed advance = 0;
  return FT_Get_Advance(face, glyph, FT_LOAD_NO_SCALE, &advance) == 0 ? (long)advance : -1;
}

// Pair kerning in font units.
static inline long clearbox_kerning(FT_Face face, unsigned int left, unsigned int right) {
  FT_Vector shift = {0, 0};
  return FT_Get_Kerning(face, left, right, FT_KERNING_UNSCALED, &shift) == 0 ? (long)shift.x : 0;
}

static inline long clearbox_units_per_em(FT_Face face) { return face->units_per_EM; }

// The face for Cairo, without hinting, whatever the machine's font configuration says.
static inline cairo_font_face_t *clearbox_cairo_face(FT_Face face) {
  return cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING);
}
