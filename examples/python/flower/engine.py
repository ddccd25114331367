"""The one file beside the app: it runs in a Tributary federation, and nothing of it is edited.

    python engine.py --write-model digits.safetensors
    tributary start --model digits.safetensors --engine process:"python engine.py" --learning-rate 0.02
"""

import pathlib

import tributary
from client_app import app, build

if __name__ == "__main__":
    tributary.serve_flower(app, model=build(), project=str(pathlib.Path(__file__).parent))
