"""Images streamed from their files: memory holds a few batches, however many there are."""

from gannotes.training import gradients
from gannotes.training.batches import batch_indices

READERS = 4  # batches read at once


def of_folder(folder, batch_size, seed=0, labelled=False):
    """What `GAN.fit` takes in place of a folder's images: the same batches, read when they are needed.

    Args:
        folder: a `Folder`.
        batch_size: images in a batch; of several discriminator steps, all of their batches.
        seed: that of the GAN; then it sees the images in the same order as from memory.
        labelled: whether labels go with the images.

    Returns:
        Function of the number of batches that were seen before, which gives a stream of those that
        follow, without end; a `tf.data.Dataset`, or a generator under JAX.

    Raises:
        ValueError: there are fewer images than in a batch.
    """
    count = len(folder.paths)
    if batch_size > count:
        raise ValueError(
            f"batch_size must be at most the number of images, {count}. Received: {batch_size}"
        )

    def read(step):
        (chosen,) = batch_indices(count, batch_size, step, 1, seed)
        images = folder.read([folder.paths[k] for k in chosen])
        return (images, folder.labels[chosen]) if labelled else (images,)

    kinds = [((batch_size, *folder.shape), "float32"), ((batch_size,), "int64")][: 1 + labelled]
    return lambda first=0: gradients.read_ahead(read, first, kinds, READERS)
