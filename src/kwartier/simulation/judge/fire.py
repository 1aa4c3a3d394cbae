"""The fire input: 0 A within a second, beside what stations and cars need to follow, until somebody on site resets it;
then charge points come back one by one."""

from kwartier.simulation.judge.ground import Finding, Ground

ORDER_S = 1.0
OFFER_S = 4.0
"""Order 1 s, station up to 1.4 s, two seconds of rounding."""
DRAW_S = 12.0
"""Order, station, and the 6 s after which a station cuts off a car that goes on drawing, rounded up."""
STARTS_S = 3.0
"""An input that was not heard for so long after a start has not been heard since the start."""
SILENT_S = 7.0
"""An input that says nothing for 5 s counts as an alarm; and two seconds."""


class Fire:
    """Sees the contact itself, what is sent and what flows."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        spec = ground.scenario.fire
        self._points = () if spec is None else spec.charge_points
        self._since_s: float | None = None
        """Since when everything must be off."""
        self._latched = False
        """Whether somebody must reset it; what was silent from the start on only has to speak (DESIGN 5.8)."""
        self._silent_s: float | None = None
        self._back_s: float | None = None
        """Since when the controller is there without a break; None: it stands still or is gone."""
        self._resets = 0
        self._every_s = 0.0 if spec is None else spec.return_every_s
        self._reset_s: float | None = None
        """When it was reset last; None once there was another alarm."""
        self._back: set[str] = set()
        """Who was told more than 0 A since."""
        self._crowd = False
        """Whether too many have been so at once."""
        self._sent: dict[str, float] = {}
        self._blamed: set[str] = set()
        self.findings: list[Finding] = []
        self.alarms = 0

    def look(self, dt_s: float) -> None:
        """Judge this second."""
        if not self._points:
            return
        ground, told = self._ground, self._ground.told
        if not told.up:
            self._silent_s = self._back_s = None
            self._sent.clear()
            return
        if self._back_s is None:
            self._back_s = (
                ground.run_s
            )  # while it stood still, stations may have gone to their own safe current
        self._sent.update(told.writes)
        if told.resets != self._resets:
            self._resets, self._since_s = told.resets, None
            self._blamed.clear()
            self._reset_s, self._crowd = ground.run_s, False
            self._back.clear()
        alarm = bool(ground.schedule.of("fire_alarm"))
        silent = bool(ground.schedule.of("fire_wire")) and not alarm
        self._silent_s = None if not silent else (ground.run_s if self._silent_s is None else self._silent_s)
        lost = self._silent_s is not None and ground.run_s - max(self._silent_s, told.started_s) >= SILENT_S
        if (alarm or lost) and self._since_s is None:
            self._since_s, self._latched = ground.run_s, False
            self.alarms += 1
        if alarm or (lost and (self._silent_s or 0.0) - told.started_s > STARTS_S):
            self._latched = True
        elif not lost and not self._latched:
            self._since_s = None
        if self._since_s is None:
            self._one_by_one()
        else:
            self._reset_s = None
            self._must_be_off(ground.run_s - max(self._since_s, told.started_s, self._back_s))

    def _one_by_one(self) -> None:
        """Of who may return each `return_every_s` some may wait for room and begin together later, never earlier."""
        ground = self._ground
        if self._reset_s is None or self._every_s <= 0.0:
            return
        self._back.update(i for i, a in ground.told.writes if a > 0.0 and i in self._points)
        most = 1 + int((ground.run_s - self._reset_s + ORDER_S) // self._every_s)
        if len(self._back) > most and not self._crowd:
            self._crowd = True
            what = (
                f"{len(self._back)} charge points told to charge {ground.run_s - self._reset_s:.0f} s after the reset, "
                f"one each {self._every_s:g} s may"
            )
            self.findings.append(Finding(rule="fire return", at_s=ground.run_s, what=what))

    def _must_be_off(self, since_s: float) -> None:
        ground = self._ground
        for point_id in self._points:
            if not ground.reachable(point_id) or point_id in self._blamed:
                continue
            socket = ground.plant.socket[point_id]
            what = ""
            if since_s >= ORDER_S and self._sent.get(point_id, 0.0) > 0.0:
                what = f"was told {self._sent[point_id]:g} A"
            elif since_s >= OFFER_S and socket.offered_a > 0.0 and not ground.settling(point_id):
                what = f"offers {socket.offered_a:g} A"
            elif since_s >= DRAW_S and max(socket.current_a) > 0.0 and not ground.settling(point_id):
                what = f"draws {max(socket.current_a):.1f} A"
            if what:
                self._blamed.add(point_id)
                self.findings.append(
                    Finding(
                        rule="fire",
                        at_s=ground.run_s,
                        what=f"{since_s:.0f} s after the alarm {point_id!r} {what}",
                    )
                )
