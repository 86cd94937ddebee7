using System.Text;
using System.Text.Json;
using CsCheck;
using RunnerImage.Builds;
using RunnerImage.Entrypoint;

namespace RunnerImage.Tests.Entrypoint;

public sealed class TerminationMessageTests
{
    private static readonly ExitReport Fine = new(0, Outcome.JobSucceeded, true);

    [Fact]
    public void ItIsTheLineThatTheControllerExpects()
    {
        var phases = new Phases { Builder = 1.2041, Claim = 0.011, Listener = 0.35 };
        BuildNote[] builds = [new("build", "success", 12.345, 9, 4), new("bake", "failure", 2, null, null)];

        var line = Encoding.UTF8.GetString(TerminationMessage.Render(Fine, null, phases, builds));

        Assert.Equal("""
            {"ranJob":true,"exitCode":0,"outcome":"JobSucceeded","problem":null,
            "phases":{"builder":1.204,"claim":0.011,"listener":0.35},
            "builds":[{"command":"build","result":"success","seconds":12.345,"steps":9,"cachedSteps":4},
            {"command":"bake","result":"failure","seconds":2,"steps":null,"cachedSteps":null}],"buildsOmitted":0}
            """.ReplaceLineEndings(""), line);
    }

    [Fact]
    public void PhasesThatDidNotHappenAreAbsent()
    {
        var json = Parse(TerminationMessage.Render(ExitReport.Stopped, null, new Phases { Claim = 0.5 }, []));
        Assert.Equal(["claim"], json.GetProperty("phases").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void TheNewestBuildsAreCountedWhenTheyAreTooMany()
    {
        var builds = Enumerable.Range(0, 30).Select(i => new BuildNote("build", "success", i, null, null)).ToArray();
        var json = Parse(TerminationMessage.Render(Fine, null, new Phases(), builds));
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (double)i),
            json.GetProperty("builds").EnumerateArray().Select(b => b.GetProperty("seconds").GetDouble()));
        Assert.Equal(6, json.GetProperty("buildsOmitted").GetInt32());
    }

    /// <summary>Whatever is put in, Kubernetes keeps all of it, and no build is lost without being counted.</summary>
    [Fact]
    public void ItAlwaysFits() =>
        Gen.Select(
            Gen.Enum<Outcome>(), Gen.Int[0, 255], Gen.Bool, Gen.String[0, 6000].Null(),
            Gen.Select(Gen.Double[0, 1e9], Gen.Int[0, 1_000_000].Nullable(), (s, n) =>
                new BuildNote("build", "canceled", s, n, n)).Array[0, 60])
        .Sample((outcome, code, ran, problem, builds) =>
        {
            var phases = new Phases { Builder = 1e9, Claim = 1e9, Listener = 1e9 };
            var bytes = TerminationMessage.Render(new ExitReport(code, outcome, ran), problem, phases, builds);
            var json = Parse(bytes);
            Assert.True(bytes.Length <= TerminationMessage.MostBytes);
            Assert.DoesNotContain((byte)'\n', bytes);
            Assert.Equal(builds.Length,
                json.GetProperty("builds").GetArrayLength() + json.GetProperty("buildsOmitted").GetInt32());
            Assert.Equal(ran, json.GetProperty("ranJob").GetBoolean());
        });

    [Fact]
    public void EvenTheWorstProblemLeavesRoom()
    {
        var problem = new string('\u2028', 100_000);
        var builds = Enumerable.Repeat(new BuildNote("build", "success", 1.23456789, 1000, 1000), 24).ToArray();
        var bytes = TerminationMessage.Render(Fine, problem, new Phases(), builds);
        Assert.True(bytes.Length <= TerminationMessage.MostBytes);
    }

    private static JsonElement Parse(byte[] bytes) => JsonDocument.Parse(bytes).RootElement;
}
