"""Answers from your articles, every sentence with a quote that can be checked."""

import os

# Libraries that would report their use to their makers read these as they are imported. Since 1.29
# ONNX Runtime does so on Linux and macOS too, and writes a device id into the user's cache.
for _name, _value in {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
}.items():
    os.environ[_name] = _value
