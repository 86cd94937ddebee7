using RunnerImage.Entrypoint;
using RunnerImage.Posix;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Entrypoint;

public sealed class ExitReportTests
{
    private static readonly StopCause[] AllEndings = Enum.GetValues<StopCause>();

    /// <summary>What the listener's code says when nobody ended it, before and after a job began.</summary>
    [Theory]
    [InlineData(0, 0, nameof(ExitOutcome.NoJob), 0, nameof(ExitOutcome.JobEnded))]
    [InlineData(1, 1, nameof(ExitOutcome.RunnerFailed), 1, nameof(ExitOutcome.RunnerFailed))]
    [InlineData(2, 2, nameof(ExitOutcome.RunnerFailed), 2, nameof(ExitOutcome.RunnerFailed))]
    [InlineData(3, 3, nameof(ExitOutcome.RunnerFailed), 3, nameof(ExitOutcome.RunnerFailed))]
    [InlineData(4, 4, nameof(ExitOutcome.RunnerFailed), 4, nameof(ExitOutcome.RunnerFailed))]
    [InlineData(5, 5, nameof(ExitOutcome.RunnerFailed), 5, nameof(ExitOutcome.RunnerFailed))]
    [InlineData(6, 6, nameof(ExitOutcome.RunnerFailed), 6, nameof(ExitOutcome.RunnerFailed))]
    [InlineData(7, 7, nameof(ExitOutcome.RunnerOutdated), 7, nameof(ExitOutcome.RunnerOutdated))]
    [InlineData(105, 105, nameof(ExitOutcome.JobAbandoned), 105, nameof(ExitOutcome.JobAbandoned))]
    public void ACodeThatIsNoResultOfAJob(int code, int before, string wordBefore, int after, string wordAfter)
    {
        Check(code, 0, false, StopCause.ByItself, before, wordBefore, false);
        Check(code, 0, true, StopCause.ByItself, after, wordAfter, true);
        Check(code, 0, true, StopCause.BuilderFailed, after, wordAfter, true);
    }

    /// <summary>The runner did its work, whatever became of the job.</summary>
    [Theory]
    [InlineData(100, nameof(ExitOutcome.JobSucceeded))]
    [InlineData(101, nameof(ExitOutcome.JobSucceededWithIssues))]
    [InlineData(102, nameof(ExitOutcome.JobFailed))]
    [InlineData(103, nameof(ExitOutcome.JobCanceled))]
    [InlineData(104, nameof(ExitOutcome.JobSkipped))]
    public void AResultOfAJobIsNoFailureOfThePod(int code, string word)
    {
        foreach (var ending in AllEndings)
            foreach (var began in (bool[])[false, true])
                Check(code, 0, began, ending, 0, word, true);
    }

    [Fact]
    public void EveryOtherCodeIsAFailureThatIsKept()
    {
        foreach (var code in Enumerable.Range(0, 256).Where(c => c is > 7 and < 100 or > 105))
            foreach (var began in (bool[])[false, true])
                Check(code, 0, began, StopCause.ByItself, code, nameof(ExitOutcome.RunnerFailed), began);
    }

    [Fact]
    public void APodThatIsAskedToEndBeforeAJobBeganIsFine()
    {
        foreach (var end in Ends().Where(e => !IsResult(e)))
            Assert.Equal(ExitReport.Stopped, ExitReport.Of(end, false, StopCause.Asked, false));
    }

    [Fact]
    public void APodWhoseBuilderFailsBeforeAJobBeganSaysSo()
    {
        foreach (var end in Ends().Where(e => !IsResult(e)))
            Assert.Equal(ExitReport.BuilderFailed, ExitReport.Of(end, false, StopCause.BuilderFailed, false));
    }

    [Fact]
    public void ASignalIsTold()
    {
        foreach (var signal in Enumerable.Range(1, 64))
        {
            Check(0, signal, false, StopCause.ByItself, 128 + signal, nameof(ExitOutcome.RunnerKilled), false);
            Check(0, signal, true, StopCause.ByItself, 128 + signal, nameof(ExitOutcome.RunnerKilled), true);
            Check(0, signal, true, StopCause.BuilderFailed, 128 + signal, nameof(ExitOutcome.RunnerKilled), true);
            Check(0, signal, true, StopCause.Asked, 128 + signal, nameof(ExitOutcome.JobInterrupted), true);
        }
    }

    /// <summary>
    /// GitHub removes registrations that idle: that the listener found out before its session is no error.
    /// </summary>
    [Fact]
    public void ARegistrationThatIsGoneBeforeTheSessionIsNoFailure()
    {
        Assert.Equal(new ExitReport(0, ExitOutcome.NoJob, false), Of(1, began: false, StopCause.ByItself));
        Assert.Equal(ExitReport.Stopped, Of(1, began: false, StopCause.Asked));
        Assert.Equal(new ExitReport(1, ExitOutcome.RunnerFailed, true), Of(1, began: true, StopCause.ByItself));
        foreach (var code in Enumerable.Range(2, 254).Where(c => c is < 100 or > 104))
            Assert.NotEqual(ExitOutcome.NoJob, Of(code, began: false, StopCause.ByItself).Outcome);

        static ExitReport Of(int code, bool began, StopCause ending) =>
            ExitReport.Of(new ProcessEnd(code, 0), began, ending, deleted: true);
    }

    /// <summary>An interrupted listener that waits for its worker ends with 0.</summary>
    [Fact]
    public void AJobThatWasCutShortIsNotTakenForOneThatEnded() =>
        Check(0, 0, true, StopCause.Asked, 0, nameof(ExitOutcome.JobInterrupted), true);

    /// <summary>The laws that hold for every code, signal, ending and state of the job.</summary>
    [Fact]
    public void TheLawsHoldForAll()
    {
        foreach (var end in Ends())
            foreach (var ending in AllEndings)
                foreach (var began in (bool[])[false, true])
                {
                    var report = ExitReport.Of(end, began, ending, false);
                    Assert.InRange(report.Code, 0, 255);
                    Assert.True(!began || report.RanJob, $"{end} {ending}: a job that began did run");
                    Assert.True(report.RanJob || began || !IsResult(end), $"{end} {ending}: a result is of a job");
                    Assert.Equal(report.Outcome is ExitOutcome.RunnerFailed or ExitOutcome.RunnerKilled
                        or ExitOutcome.RunnerOutdated or ExitOutcome.JobAbandoned or ExitOutcome.BuilderFailed
                        || report.Outcome == ExitOutcome.JobInterrupted && (end.Signal != 0 || end.Code != 0),
                        report.Code != 0);
                    Assert.NotEqual(ExitOutcome.Misconfigured, report.Outcome);
                }
    }

    private static void Check(
        int code, int signal, bool began, StopCause ending, int container, string word, bool ran) =>
        Assert.Equal(new ExitReport(container, Enum.Parse<ExitOutcome>(word), ran),
            ExitReport.Of(new ProcessEnd(code, signal), began, ending, deleted: false));

    private static bool IsResult(ProcessEnd end) => end is { Signal: 0, Code: >= 100 and <= 104 };

    private static IEnumerable<ProcessEnd> Ends() =>
        Enumerable.Range(0, 256).Select(c => new ProcessEnd(c, 0))
            .Concat(Enumerable.Range(1, 64).Select(s => new ProcessEnd(0, s)));
}
