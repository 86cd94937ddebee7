using RunnerImage.Images;

namespace RunnerImage.Tests.Images;

/// <summary>A store that several processes use at once.</summary>
public sealed class ImageStoreTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("runnerscaler-");

    private string StoreFolder => Path.Combine(folder.FullName, "store");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void AStoreThatAnotherIsMakingHasNoImages()
    {
        Directory.CreateDirectory(Path.Combine(StoreFolder, "blobs", "sha256"));
        var store = Open();

        Assert.Empty(store.Images());
        Assert.Equal(0, store.Size());
        Assert.Equal(0, store.Change(images => images).Freed);
    }

    [Fact]
    public void SeveralMakeItAndComeAndGoAtOnce()
    {
        var stages = Enumerable.Range(0, 400).AsParallel().WithDegreeOfParallelism(8)
            .WithExecutionMode(ParallelExecutionMode.ForceParallelism).Select(_ =>
        {
            using var stage = Open().Stage();
            return stage.Folder;
        }).ToList();

        Assert.Equal(400, stages.Distinct().Count());
        Open().Stage().Dispose();
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(StoreFolder, "staging")));
    }

    private ImageStore Open() => new(StoreFolder, long.MaxValue);
}
