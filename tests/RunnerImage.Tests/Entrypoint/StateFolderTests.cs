using RunnerImage.Entrypoint;
using RunnerImage.Hooks;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Entrypoint;

public sealed class StateFolderTests : IDisposable
{
    private static readonly string Long = new('x', 5000);
    private static readonly DateTimeOffset Began = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();
    private readonly StateFolder state;

    public StateFolderTests()
    {
        state = new StateFolder(folder.Path);
        Assert.Null(state.Prepare());
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void NotesAreReadInTheOrderInWhichTheyWereWritten()
    {
        Write("b", """{"command":"bake","result":"failure","seconds":2,"steps":null,"cachedSteps":null}""", 1);
        Write("a", """{"command":"build","result":"success","seconds":1.5,"steps":9,"cachedSteps":4}""", 2);
        Assert.Equal(
            [
                new Build(BuildCommand.Bake, BuildResult.Failure, TimeSpan.FromSeconds(2), null, null),
                new Build(BuildCommand.Build, BuildResult.Success, TimeSpan.FromSeconds(1.5), 9, 4),
            ],
            state.Builds());
    }

    [Fact]
    public void TheJobIsReadFromTheHooksNote()
    {
        Assert.Null(state.Job(Began.AddSeconds(7)));
        new JobFile("Acme/web", 8_000_000_000, true, Began).Write(folder.Path);
        Assert.Equal(new JobReport("Acme/web", 8_000_000_000, TimeSpan.FromSeconds(7)), state.Job(Began.AddSeconds(7)));
    }

    /// <summary>A job may plant a link there to what only the entrypoint may read, or what has no end.</summary>
    [Fact]
    public void ANoteOfTheJobThatIsNoneTellsOfNoJob()
    {
        var note = Path.Combine(folder.Path, JobFile.FileName);
        var elsewhere = Path.Combine(folder.Path, "elsewhere");
        new JobFile("acme/web", 1, false, Began).Write(folder.Path);
        File.Move(note, elsewhere);
        File.CreateSymbolicLink(note, elsewhere);
        Assert.Null(state.Job(Began.AddSeconds(7)));
        File.Delete(note);
        new JobFile("acme/web", 1, false, Began).Write(folder.Path);
        Assert.Null(state.Job(Began.AddSeconds(-1)));
        File.Delete(note);
        Directory.CreateDirectory(note);
        Assert.Null(state.Job(Began.AddSeconds(7)));
        Directory.Delete(note);
        File.WriteAllText(
            note, $$"""{"repository":"acme/web","runId":1,"startedAt":"{{Began:O}}","x":"{{Long}}"}""");
        Assert.Null(state.Job(Began.AddSeconds(7)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"command":"rm","result":"success","seconds":1}""")]
    [InlineData("""{"command":"build","result":"great","seconds":1}""")]
    [InlineData("""{"command":"build","result":"success","seconds":-1}""")]
    [InlineData("""{"command":"build","result":"success","seconds":1e300}""")]
    public void WhatIsNoNoteIsLeftOut(string content)
    {
        Write("x", content, 1);
        Assert.Empty(state.Builds());
    }

    [Fact]
    public void WhatAJobMayPlantDoesNoHarm()
    {
        Write("large", $$"""{"command":"build","result":"success","seconds":1,"x":"{{new string('x', 5000)}}"}""", 1);
        File.CreateSymbolicLink(folder["builds/link.json"], "/dev/zero");
        Directory.CreateDirectory(folder["builds/folder.json"]);
        Write("fine", """{"command":"build","result":"success","seconds":1}""", 2);
        Assert.Single(state.Builds());
    }

    [Fact]
    public void AJobHasBegunWhenTheHookSaysSo()
    {
        Assert.False(state.JobBegan);
        File.WriteAllText(folder["job.json"], "{}");
        Assert.True(state.JobBegan);
    }

    private void Write(string name, string content, int second)
    {
        var path = folder[$"builds/{name}.json"];
        File.WriteAllText(path, content);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, second, DateTimeKind.Utc));
    }
}
