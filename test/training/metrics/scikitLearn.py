"""Writes scikitLearn.json beside this file: outputs, labels, and what scikit-learn says of them."""
import json, pathlib
import numpy as np, sklearn
from scipy.special import expit, softmax
from sklearn import metrics as m

random = np.random.default_rng(13)

def of_classes(logits, labels, p):
    classes = p.shape[1]
    precision, recall, f1, support = m.precision_recall_fscore_support(labels, p.argmax(1), labels=range(classes), zero_division=0)
    score = p[:, 1] if classes == 2 else p
    return {
        "outputs": logits.ravel().tolist(), "labels": labels.tolist(), "classes": classes,
        "accuracy": m.accuracy_score(labels, p.argmax(1)),
        "balancedAccuracy": m.balanced_accuracy_score(labels, p.argmax(1)),
        "f1": m.f1_score(labels, p.argmax(1), average="macro"),
        "auc": m.roc_auc_score(labels, score, multi_class="ovr", average="macro"),
        "logLoss": m.log_loss(labels, p),
        "confusion": m.confusion_matrix(labels, p.argmax(1)).tolist(),
        "perClass": [dict(zip(("precision", "recall", "f1", "support"), map(float, row))) for row in zip(precision, recall, f1, support)],
    }

labels = random.integers(0, 4, 60)
logits = np.round(random.normal(size=(60, 4)) + 1.5 * np.eye(4)[labels], 1)
binary_labels = random.integers(0, 2, 50)
binary_logits = np.round(random.normal(size=50) + binary_labels, 1)
p = expit(binary_logits)
targets = np.round(random.normal(size=30), 2)
predictions = np.round(targets + 0.5 * random.normal(size=30), 2)
answers = random.integers(0, 2, (40, 3))
answer_logits = np.round(random.normal(size=(40, 3)) + answers, 1)

pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps({
    "scikitLearn": sklearn.__version__,
    "softmax": of_classes(logits, labels, softmax(logits, axis=1)),
    "binary": of_classes(binary_logits, binary_labels, np.stack([1 - p, p], 1)),
    "numbers": {
        "outputs": predictions.tolist(), "labels": targets.tolist(),
        "rmse": m.root_mean_squared_error(targets, predictions),
        "mae": m.mean_absolute_error(targets, predictions),
        "r2": m.r2_score(targets, predictions),
    },
    "questions": {
        "outputs": answer_logits.ravel().tolist(), "labels": answers.ravel().tolist(),
        "auc": m.roc_auc_score(answers, answer_logits, average="macro"),
        "perQuestion": [{
            "precision": m.precision_score(answers[:, q], answer_logits[:, q] > 0),
            "recall": m.recall_score(answers[:, q], answer_logits[:, q] > 0),
            "f1": m.f1_score(answers[:, q], answer_logits[:, q] > 0),
            "auc": m.roc_auc_score(answers[:, q], answer_logits[:, q]),
        } for q in range(3)],
    },
}) + "\n")
