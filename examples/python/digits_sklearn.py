"""Logistic regression of scikit-learn on its digits, each site with its part.

    python digits_sklearn.py --write-model digits.safetensors
    tributary start --model digits.safetensors --engine process:"python digits_sklearn.py" --epochs 2 --learning-rate 0.02
"""

import numpy as np
import tributary
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier

classes = np.arange(10)
x, y = load_digits(return_X_y=True)
x = x / 16


def build(learning_rate: float = 0.02, seed: int = 0) -> SGDClassifier:
    classifier = SGDClassifier(
        loss="log_loss", penalty=None, learning_rate="constant", eta0=learning_rate, random_state=seed
    )
    # a first look at one sample gives the coefficients their shape
    classifier.partial_fit(x[:1], y[:1], classes)
    classifier.coef_[:], classifier.intercept_[:] = 0, 0
    return classifier


def open_data(task: tributary.Task) -> int:
    global x, y
    part = task.part(len(x))
    x, y = x[part], y[part]
    return len(part)


def train(tensors: tributary.Tensors, round: tributary.Round) -> tributary.Trained:
    classifier = tributary.load(build(round.plan["learningRate"], round.seed), tensors)
    epochs = round.plan["epochs"]
    for epoch in range(epochs):
        classifier.partial_fit(x, y)
        round.progress((epoch + 1) * len(x), epochs * len(x), epoch, epochs)
    return tributary.Trained(classifier, loss=float(losses_of(classifier).mean()))


def evaluate(tensors: tributary.Tensors, task: tributary.Task) -> tributary.Evaluated:
    classifier = tributary.load(build(), tensors)
    return tributary.Evaluated(losses_of(classifier), {"accuracy": classifier.score(x, y)})


def losses_of(classifier: SGDClassifier) -> np.ndarray:
    return -np.log(np.clip(classifier.predict_proba(x)[np.arange(len(x)), y], 1e-12, 1))


if __name__ == "__main__":
    tributary.serve(train, evaluate, model=build(), samples=open_data)
