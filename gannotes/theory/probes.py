"""Linear probes: what can be read off a network's features by one linear map."""

from gannotes.checks import check_features
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def targets(factors):
    """What probes are to predict of the factors of `shapes`: ``{factor: array (n, columns)}``.

    Classes become a column each, the hue its cosine and sine, so that red is near red.
    """
    turn = 2 * np.pi * np.asarray(factors["hue"])
    columns = {"hue": np.stack([np.cos(turn), np.sin(turn)], axis=1)}
    for name, values in factors.items():
        if name == "hue":
            continue
        values = np.asarray(values)
        is_class = np.issubdtype(values.dtype, np.integer)
        columns[name] = np.eye(values.max() + 1)[values] if is_class else values[:, None]
    return columns


def skills(train_features, train_factors, test_features, test_factors, penalty=0.03):
    """Skill at each factor, ``{factor: skill}``: 0 is as by chance, 1 without error.

    One ridge regression on standardized features, (n, features); factors are as from
    `datasets.drawn.sample_factors`. Of numbers the skill is R² on the test set; of classes (accuracy
    - share of the commonest) / (1 - that share). The squared coefficients weigh `penalty` times the
    number of training images.

    Reference: Alain and Bengio 2016.
    """
    train_features, test_features = check_features(train_features, test_features)
    train, test = targets(train_factors), targets(test_factors)
    probe = make_pipeline(StandardScaler(), Ridge(penalty * len(train_features)))
    probe.fit(train_features, np.concatenate(list(train.values()), axis=1))
    ends = np.cumsum([columns.shape[1] for columns in train.values()])[:-1]
    found = np.split(probe.predict(test_features), ends, axis=1)
    return {
        name: _skill(columns, predicted, np.asarray(test_factors[name]))
        for (name, columns), predicted in zip(test.items(), found, strict=True)
    }


def _skill(columns, predicted, values):
    if np.issubdtype(values.dtype, np.integer):
        chance = columns.mean(axis=0).max()
        accuracy = np.mean(predicted.argmax(axis=1) == values)
        return float((accuracy - chance) / (1 - chance))
    return float(r2_score(columns, predicted, multioutput="variance_weighted"))
