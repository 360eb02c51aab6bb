// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#pragma once
#include <limits.h>
#include <png.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <turbojpeg.h>

/// What the header of an image says; `channels` is 1 for shades of grey and 3 for colours.
typedef struct {
    uint32_t width;
    uint32_t height;
    int channels;
} fed_image_header;

/// Reads the header of a PNG; false where it is damaged.
static inline _Bool fed_png_header(fed_image_header *header, const uint8_t *bytes, size_t size) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, bytes, size)) return 0;
    header->width = image.width;
    header->height = image.height;
    header->channels = (image.format & PNG_FORMAT_FLAG_COLOR) ? 3 : 1;
    png_image_free(&image);
    return 1;
}

/// Decodes a PNG to `channels` bytes a pixel, what is transparent on white; false where it is damaged or is no longer what
/// `header` says. `pixels` has room for width * height * channels bytes, which is below 2^31.
static inline _Bool fed_png_decode(
    uint8_t *pixels, const fed_image_header *header, const uint8_t *bytes, size_t size) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, bytes, size)) return 0;
    if (image.width != header->width || image.height != header->height) {
        png_image_free(&image);
        return 0;
    }
    // Without this, 16 bits a channel would be taken for linear light.
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    image.format = header->channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    const png_color white = {255, 255, 255};
    if (!png_image_finish_read(&image, &white, pixels, 0, NULL)) {
        png_image_free(&image);
        return 0;
    }
    return image.warning_or_error == 0 || (image.warning_or_error & PNG_IMAGE_ERROR) == 0;
}

/// Reads the header of a JPEG; false where it is damaged. `channels` is 0 for inks (CMYK), which `fed_jpeg_decode` cannot
/// turn into colours.
static inline _Bool fed_jpeg_header(fed_image_header *header, const uint8_t *bytes, size_t size) {
    tjhandle decoder = tjInitDecompress();
    if (!decoder) return 0;
    int width = 0, height = 0, subsampling = 0, colours = 0;
    const int status = tjDecompressHeader3(decoder, bytes, size, &width, &height, &subsampling, &colours);
    tjDestroy(decoder);
    if (status != 0 || width < 1 || height < 1) return 0;
    header->width = (uint32_t)width;
    header->height = (uint32_t)height;
    header->channels = colours == TJCS_GRAY ? 1 : colours == TJCS_RGB || colours == TJCS_YCbCr ? 3 : 0;
    return 1;
}

/// Decodes a JPEG to `channels` bytes a pixel; false where it is damaged in any way. `pixels` has room for
/// width * height * channels bytes.
static inline _Bool fed_jpeg_decode(
    uint8_t *pixels, const fed_image_header *header, const uint8_t *bytes, size_t size) {
    tjhandle decoder = tjInitDecompress();
    if (!decoder) return 0;
    const int status = tjDecompress2(
        decoder, bytes, size, pixels, (int)header->width, 0, (int)header->height,
        header->channels == 3 ? TJPF_RGB : TJPF_GRAY, TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS);
    tjDestroy(decoder);
    return status == 0;
}
