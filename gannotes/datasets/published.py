"""MNIST, Fashion-MNIST and CIFAR-10: fetched once by Keras, checked by their hashes, then cached."""

from filelock import FileLock
from gannotes import files
import keras

SHA256 = {  # of the bytes of each published array, uint8
    "mnist": {
        "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
        "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
        "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
        "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    },
    "fashion_mnist": {
        "x_train": "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
        "y_train": "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
        "x_test": "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
        "y_test": "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
    },
    "cifar10": {
        "x_train": "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a",
        "y_train": "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253",
        "x_test": "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
        "y_test": "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5",
    },
}
CLASS_NAMES = {
    "mnist": "0 1 2 3 4 5 6 7 8 9",
    "fashion_mnist": "T-shirt trousers pullover dress coat sandal shirt sneaker bag boot",
    "cifar10": "aeroplane car bird cat deer dog frog horse ship truck",
}
CARDS = {  # source, licence
    "mnist": ("MNIST (LeCun, Cortes, Burges 1998), by keras.datasets", "CC BY-SA 3.0"),
    "fashion_mnist": ("Fashion-MNIST (Xiao, Rasul, Vollgraf 2017), by keras.datasets", "MIT"),
    "cifar10": ("CIFAR-10 (Krizhevsky 2009), by keras.datasets", "none stated; cite the report"),
}


def load_arrays(name):
    """Arrays as in SHA256, uint8, from the cache, which is filled first if need be."""
    path = files.cache_folder() / f"{name}.npz"
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):  # of two notebooks, one fetches and one waits
                if not path.exists():
                    files.save_arrays(path, **_fetch(name))
        except ConnectionError:
            raise
        except OSError as error:
            raise OSError(
                f"{path.parent} lacks {path.name}, and cannot be written to. The environment variable "
                f"GANNOTES_DATA may name another folder. Received: {error}"
            ) from error
    return files.load_arrays(path, SHA256[name])


def _fetch(name):
    try:
        (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except Exception as error:  # keras raises a bare Exception where the network fails
        raise ConnectionError(
            f"{name} could not be fetched. Without a network, take digits, shapes or another one of "
            f"datasets.names(offline=True); or put {name}.npz, with {', '.join(SHA256[name])} as "
            f"uint8 arrays, into {files.cache_folder()}. Received: {error}"
        ) from error
    return dict(zip(SHA256[name], (x_train, y_train.ravel(), x_test, y_test.ravel()), strict=True))
