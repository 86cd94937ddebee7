using System.Collections;
using System.Reflection;

namespace RunnerScaler.Hosting;

/// <summary>
/// Puts a configuration into objects of options. Unlike the framework's binder it goes on after a problem, takes an
/// unknown key for one, and says in one sentence each what is wrong, where it can be set, and to what.
/// </summary>
internal static class OptionReader
{
    /// <param name="configuration">What was configured, by section.</param>
    /// <param name="sections">The objects with their defaults.</param>
    /// <returns>What is wrong; what is right has been put in.</returns>
    public static IReadOnlyList<string> Read(IConfiguration configuration, IReadOnlyList<OptionSection> sections) =>
    [
        .. Unknown(configuration, [.. sections.Select(section => section.Name)], ""),
        .. sections.SelectMany(section => ReadSection(configuration.GetSection(section.Name), section)),
    ];

    /// <summary>Every option: its path, its value, and what may be written there.</summary>
    public static IEnumerable<(string Path, string Value, string Wanted)> All(ScalerOptions options) =>
        from section in options.Sections
        from property in section.Properties
        select (
            $"{section.Name}:{property.Name}",
            OptionValue.Show(property.GetValue(section.Options)),
            OptionRange.Describe(property));

    private static IEnumerable<string> Unknown(IConfiguration given, string[] known, string section) =>
        from child in given.GetChildren()
        where !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)
        let siblings = string.Join(", ", known.Order(StringComparer.Ordinal))
        select section.Length == 0
            ? $"{OptionName.Describe(child.Key)} is no option: the sections are {siblings}."
            : $"{OptionName.Describe($"{section}:{child.Key}")} is no option: those of {section} are {siblings}.";

    private static IEnumerable<string> ReadSection(IConfigurationSection given, OptionSection section) =>
        given.Value is null
            ? [
                .. Unknown(given, [.. section.Properties.Select(property => property.Name)], section.Name),
                .. section.Properties.Select(property => ReadOne(given, section, property)).OfType<string>(),
            ]
            : [$"{OptionName.Describe(section.Name)} is a section: set one of its options."];

    private static string? ReadOne(IConfigurationSection all, OptionSection section, PropertyInfo property)
    {
        var given = all.GetSection(property.Name);
        if (!given.Exists())
            return null;
        if (property.GetValue(section.Options) is IList list)
        {
            OptionValue.Fill(list, given);
            return null;
        }
        var path = $"{section.Name}:{property.Name}";
        if (given.Value is null || OptionValue.Parse(given.Value, property.PropertyType) is not { } value)
            return $"{OptionName.Describe(path)} is '{given.Value}': set {OptionValue.Wanted(property.PropertyType)}.";
        property.SetValue(section.Options, value);
        return OptionRange.Holds(property, value)
            ? null
            : OptionName.OutOfRange(path, value, OptionRange.Describe(property));
    }
}
