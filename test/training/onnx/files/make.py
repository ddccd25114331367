"""Models of scikit-learn as skl2onnx writes them, and what scikit-learn itself answers: see README.md."""
import json
import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.svm import SVC

random = np.random.RandomState(0)
x = random.randn(60, 4).astype(np.float32)
scores = x @ random.randn(4, 3)
three, two = scores.argmax(1), (scores[:, 0] > 0).astype(int)
names = np.array(["cat", "dog", "owl"])[three]
numbers, answers = scores[:, :2].astype(np.float32), (scores > 0).astype(int)
hidden = {"hidden_layer_sizes": (3,), "max_iter": 20, "random_state": 0}

models = {
    "logistic-two": (LogisticRegression(), two),
    "scaler-logistic-names": (make_pipeline(StandardScaler(), LogisticRegression()), names),
    "normalizer-logistic": (make_pipeline(Normalizer(), LogisticRegression()), three),
    "sgd-two": (SGDClassifier(loss="log_loss", random_state=0), two),
    "sgd-three": (SGDClassifier(loss="log_loss", random_state=0), three),
    "scaler-mlp-two": (make_pipeline(StandardScaler(), MLPClassifier(**hidden)), two),
    "mlp-three": (MLPClassifier(activation="tanh", **hidden), three),
    "mlp-questions": (MLPClassifier(activation="logistic", **hidden), answers),
    "linear": (LinearRegression(), numbers),
    "mlp-numbers": (make_pipeline(StandardScaler(), MLPRegressor(**hidden)), numbers),
    "forest": (RandomForestClassifier(1, max_depth=1, random_state=0), three),
    "svm": (SVC(), two),
    "neighbours": (KNeighborsClassifier(1), three),
}

expected = {"inputs": x[:5].ravel().tolist(), "outputs": {}}
for name, (model, y) in models.items():
    model.fit(x[:30], y[:30])
    with open(f"{name}.onnx", "wb") as file:
        file.write(to_onnx(model, x[:1]).SerializeToString())
    if name in ("forest", "svm", "neighbours"):
        continue
    answer = model.predict_proba(x[:5]) if hasattr(model, "predict_proba") else model.predict(x[:5])
    expected["outputs"][name] = np.asarray(answer).ravel().tolist()
with open("expected.json", "w") as file:
    json.dump(expected, file)
