// Cairo with its SVG, PDF and FreeType parts, in one module.
#pragma once
#include <string.h>
#include <cairo.h>
#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <fontconfig/fontconfig.h>
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

// Of a font of this machine with outlines for a character: its file, to be freed by `free`, and the place in it; NULL where
// no font has the character.
static inline char *clearbox_font_with(unsigned int character, int isBold, int isItalic, int *index) {
  FcPattern *wanted = FcPatternCreate();
  FcCharSet *characters = FcCharSetCreate();
  char *path = NULL;
  if (wanted && characters && FcCharSetAddChar(characters, character)) {
    FcPatternAddCharSet(wanted, FC_CHARSET, characters);
    FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)"sans-serif");
    FcPatternAddBool(wanted, FC_OUTLINE, FcTrue);
    FcPatternAddBool(wanted, FC_SCALABLE, FcTrue);
    FcPatternAddInteger(wanted, FC_WEIGHT, isBold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
    FcPatternAddInteger(wanted, FC_SLANT, isItalic ? FC_SLANT_ITALIC : FC_SLANT_ROMAN);
    FcConfigSubstitute(NULL, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    FcResult result;
    FcFontSet *found = FcFontSort(NULL, wanted, FcTrue, NULL, &result);
    for (int i = 0; found && i < found->nfont && !path; i++) {
      FcCharSet *has;
      FcChar8 *file;
      FcBool hasOutlines = FcFalse;
      FcPattern *font = found->fonts[i];
      if (FcPatternGetCharSet(font, FC_CHARSET, 0, &has) == FcResultMatch && FcCharSetHasChar(has, character) &&
          FcPatternGetBool(font, FC_OUTLINE, 0, &hasOutlines) == FcResultMatch && hasOutlines &&
          FcPatternGetString(font, FC_FILE, 0, &file) == FcResultMatch) {
        *index = 0;
        FcPatternGetInteger(font, FC_INDEX, 0, index);
        path = strdup((const char *)file);
      }
    }
    if (found) FcFontSetDestroy(found);
  }
  if (characters) FcCharSetDestroy(characters);
  if (wanted) FcPatternDestroy(wanted);
  return path;
}
