using System.Text.RegularExpressions;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Tidy;

namespace RunnerScaler.Tests.Scaling;

/// <summary>Holds <c>docs/conditions.md</c> and the code together.</summary>
public sealed partial class ConditionsPageTests
{
    private static readonly ConditionRow[] table = [.. ConditionRow.All()];

    [Fact]
    public void EveryTypeHasItsRowsAndEachRowIsThereOnce()
    {
        Assert.Equal(Conditions.All.Order(), table.Select(r => r.Type).Distinct().Order());
        Assert.Equal(table.Length, table.DistinctBy(r => (r.Type, r.Status, r.Reason)).Count());
        Assert.All(table, r => Assert.Contains(r.Status, (string[])["True", "False", "Unknown"]));
        Assert.All(table, r => Assert.NotEqual("", r.When));
    }

    [Fact]
    public void WhatIsBadOrUnknownSaysWhatToDo() => Assert.All(table, r => Assert.True(
        r.Advice.Length > 0 || (r.Holds is { } holds && !Conditions.IsBad(new(r.Type, holds, r.Reason, ""))),
        $"{r} says nothing of what to do"));

    [Fact]
    public void EveryReasonInTheCodeHasARow()
    {
        var written = ReasonsInCode().ToArray();
        Assert.Contains("Serving", written);
        Assert.Contains("ForkJobs", written);
        Assert.Contains("NotFound", written);
        Assert.Empty(written.Except(table.Select(r => r.Reason)));
    }

    [Fact]
    public void EveryFaultHasARow() => Assert.Empty(
        Enum.GetNames<ProblemReason>().Except(table.Select(r => r.Reason)).Except([nameof(ProblemReason.PodRefused)]));

    [Fact]
    public void EveryRefusalHasARow() => Assert.Equal(
        Enum.GetNames<RefusalReason>().Order(),
        table.Where(r => r is { Type: Conditions.RightsMissing, Status: "True" }).Select(r => r.Reason).Order());

    [Fact]
    public void EveryRowHasAReasonInTheCode() => Assert.Empty(table.Select(r => r.Reason)
        .Except(ReasonsInCode())
        .Except(Enum.GetNames<ProblemReason>())
        .Except(Enum.GetNames<RefusalReason>())
        .Except(Enum.GetNames<BuilderProfile>())
        .Except(Enum.GetNames<BuilderMode>()));

    /// <summary>
    /// Where conditions are made, the reason is a word in quotation marks behind the status, with the message behind
    /// it.
    /// </summary>
    private static IEnumerable<string> ReasonsInCode() => Repository.CSharp("src/RunnerScaler")
        .Where(f => f.Text.Contains("PoolCondition", StringComparison.Ordinal))
        .SelectMany(f => WrittenReason().Matches(f.Text).Select(m => m.Groups[1].Value))
        .Distinct();

    [GeneratedRegex(@"\b(?:true|false|null|holds),\s*""([A-Z][A-Za-z]+)"",")]
    private static partial Regex WrittenReason();
}

/// <summary>A row of the table in <c>docs/conditions.md</c>.</summary>
internal sealed record ConditionRow(string Type, string Status, string Reason, string When, string Advice)
{
    public bool? Holds => Status switch { "True" => true, "False" => false, _ => null };

    public static IEnumerable<ConditionRow> All() =>
        from line in Page.Read("conditions.md").Split('\n')
        where line.StartsWith("| `", StringComparison.Ordinal)
        let cells = line.Split('|').Select(cell => cell.Trim()).ToArray()
        select new ConditionRow(cells[1].Trim('`'), cells[2], cells[3].Trim('`'), cells[4], cells[5]);
}
