using RunnerImage.Images;

namespace RunnerImage.Tests.Images;

public sealed class FileLockTests : IDisposable
{
    private const int Rounds = 3_000;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("runnerscaler-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void OneHoldsItAtATime()
    {
        var path = Path.Combine(folder.FullName, "lock");
        using (FileLock.TryTake(path))
            Assert.Null(FileLock.TryTake(path));
        using var again = FileLock.TryTake(path);
        Assert.NotNull(again);
    }

    [Fact]
    public void WhatCannotBeLockedIsNotHeldByAnother()
    {
        Assert.Throws<UnauthorizedAccessException>(() => FileLock.TryTake(folder.FullName));
        Assert.Throws<DirectoryNotFoundException>(() => FileLock.TryTake(Path.Combine(folder.FullName, "no", "lock")));
    }

    /// <summary>A name that is gone by now does not make the lock free, nor another fault of it.</summary>
    [Fact]
    public async Task OneThatIsRemovedByItsHolderIsHeldOrGone()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var its = folder.CreateSubdirectory($"{round}");
            var path = Path.Combine(its.FullName, "lock");
            var held = FileLock.TryTake(path)!;
            using var start = new Barrier(2);
            var removing = Task.Run(
                () =>
                {
                    start.SignalAndWait(TestContext.Current.CancellationToken);
                    Remove(its);
                    held.Dispose();
                },
                TestContext.Current.CancellationToken);
            start.SignalAndWait(TestContext.Current.CancellationToken);
            while (!removing.IsCompleted && TakeIfThere(path))
            {
                // Until it is gone.
            }
            await removing;
        }
    }

    private static bool TakeIfThere(string path)
    {
        try
        {
            FileLock.TryTake(path)?.Dispose();
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static void Remove(DirectoryInfo its)
    {
        try
        {
            its.Delete(recursive: true);
        }
        catch (IOException)
        {
            // The other has made the file again in between.
        }
    }
}
